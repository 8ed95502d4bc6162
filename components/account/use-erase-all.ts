import { useState } from 'react'
import { usePageLock } from '@/components/layout/use-page-lock'
import { api } from '@/lib/browser/api-client'
import { attemptWithRetries, type Failure } from '@/lib/browser/attempt'
import { repeatRequest } from '@/lib/browser/repeat-request'
import { warnBeforeLeaving } from '@/lib/browser/warn-before-leaving'

type Erasing =
  | { step: 'asking' }
  | { step: 'erasing'; erased: number }
  | { step: 'failed'; erased: number; failure: Failure }
  /** `next`: the address to go to. */
  | { step: 'done'; next: string }

/** Erases everything of the person, step by step, then signs out. A failed step can be continued. */
export function useEraseAll() {
  const [state, setState] = useState<Erasing>({ step: 'asking' })
  usePageLock(state.step !== 'asking')

  async function run() {
    const stopWarning = warnBeforeLeaving()
    try {
      await eraseFrom('erased' in state ? state.erased : 0)
    } finally {
      stopWarning()
    }
  }

  async function eraseFrom(before: number) {
    for (let erased = before; ; ) {
      setState({ step: 'erasing', erased })
      const result = await repeatRequest(api.eraseAccount)
      // If the session has ended, the last step may have ended it. Only another sign-in shows whether all is erased.
      if (!result.ok) return setState({ step: 'failed', erased, failure: result })
      erased += result.value.erased
      if (result.value.done) return finish()
    }
  }

  async function finish() {
    const left = await attemptWithRetries(api.signOut)
    setState({ step: 'done', next: left.ok ? left.value.next : '/' })
  }

  return { state, run }
}

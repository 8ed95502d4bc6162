import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { usePageLock, useRefresh } from '@/components/layout/use-page-lock'
import { toast } from '@/components/ui/toast'
import { api } from '@/lib/browser/api-client'
import type { Failure } from '@/lib/browser/attempt'
import { announcePhotoChange } from '@/lib/browser/photo-changes'
import { repeatRequest } from '@/lib/browser/repeat-request'
import { warnBeforeLeaving } from '@/lib/browser/warn-before-leaving'

export type BringAlong =
  | { step: 'asking' }
  | { step: 'copying'; considered: number; total: number }
  | { step: 'erasing' }
  | { step: 'failed'; work: 'copy' | 'erase'; failure: Failure }
  /** The files of so many photos are gone. The guest is kept. */
  | { step: 'missing'; missing: number }
  /** The page refreshes, and no longer has a guest. */
  | { step: 'done' }

/**
 * Copies the photos of the browser's earlier guest, step by step, and then erases the guest; or only erases. Either can
 * be repeated after a failure.
 */
export function useBringAlong() {
  const translate = useTranslations('account.guest')
  const [state, setState] = useState<BringAlong>({ step: 'asking' })
  const isBusy = state.step === 'copying' || state.step === 'erasing'
  usePageLock(isBusy)
  const refresh = useRefresh()

  const withWarning = (work: () => Promise<void>) => async () => {
    const stopWarning = warnBeforeLeaving()
    try {
      await work()
    } finally {
      stopWarning()
    }
  }

  const bringAlong = withWarning(async () => {
    const counts = { copied: 0, missing: 0 }
    setState({ step: 'copying', considered: 0, total: 0 })
    for (let cursor: string | null = null; ; ) {
      const result = await repeatRequest(() => api.copyGuestImages({ cursor }))
      if (!result.ok) return fail(result, 'copy')
      counts.copied += result.value.copied
      counts.missing += result.value.missing
      cursor = result.value.nextCursor
      if (cursor === null) break
      setState({ step: 'copying', considered: counts.copied + counts.missing, total: result.value.total })
    }
    if (counts.missing === 0) return eraseGuest(() => toast.success(translate('done', { count: counts.copied })))
    setState({ step: 'missing', missing: counts.missing })
    showPhotos()
  })

  const erase = withWarning(() => eraseGuest(() => undefined))

  async function eraseGuest(onErased: () => void) {
    setState({ step: 'erasing' })
    for (;;) {
      const result = await repeatRequest(api.eraseGuest)
      if (!result.ok) return fail(result, 'erase')
      if (result.value.done) break
    }
    onErased()
    finish()
  }

  function fail(failure: Failure, work: 'copy' | 'erase') {
    // Another tab was faster.
    if (failure.code === 'not_found') return finish()
    setState({ step: 'failed', work, failure })
    // Some photos have come along.
    if (failure.code === 'quota') showPhotos()
  }

  function finish() {
    setState({ step: 'done' })
    showPhotos()
  }

  function showPhotos() {
    announcePhotoChange()
    refresh()
  }

  return { state, isBusy, bringAlong, erase }
}

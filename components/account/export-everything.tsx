'use client'

import { Download } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { useEffect, useRef, useState } from 'react'
import { FailureNotice } from '@/components/layout/failure-notice'
import { SignInAgain } from '@/components/layout/sign-in-again'
import { Button } from '@/components/ui/button'
import { Progress } from '@/components/ui/progress'
import type { Failure } from '@/lib/browser/attempt'
import { ExportFailed, type ExportProgress, loadExport } from '@/lib/browser/export/load-export'
import { chooseFile, saveExport } from '@/lib/browser/export/save-export'
import { warnBeforeLeaving } from '@/lib/browser/warn-before-leaving'
import { collections } from '@/lib/images/collections'

type Exporting =
  | { step: 'idle' }
  | { step: 'loading'; progress: ExportProgress }
  | { step: 'failed'; failure: Pick<Failure, 'code'> }
  /** `missing`: the names of files that could not be loaded. */
  | { step: 'done'; missing: string[] }

/** Downloads everything of the person as a zip, with its progress. */
export function ExportEverything() {
  const translate = useTranslations('account.export')
  const [state, setState] = useState<Exporting>({ step: 'idle' })
  const running = useRef<AbortController>(null)
  useEffect(() => () => running.current?.abort(), [])

  async function start() {
    const controller = new AbortController()
    running.current = controller
    const missing: string[] = []
    let stopWarning = () => {}
    try {
      const file = await chooseFile()
      stopWarning = warnBeforeLeaving()
      setState({ step: 'loading', progress: { done: 0, total: 0 } })
      const files = loadExport({
        collections,
        signal: controller.signal,
        onProgress: (progress) => setState({ step: 'loading', progress }),
        onMissing: (name) => missing.push(name),
      })
      await saveExport(files, file)
      setState({ step: 'done', missing })
    } catch (error) {
      // The person cancelled.
      if (controller.signal.aborted || (error as Error).name === 'AbortError') return setState({ step: 'idle' })
      setState({ step: 'failed', failure: error instanceof ExportFailed ? error.failure : { code: 'internal' } })
    } finally {
      stopWarning()
    }
  }

  if (state.step === 'loading') {
    const { done, total } = state.progress
    const text = total > 0 ? translate('progress', { number: Math.min(done + 1, total), total }) : translate('starting')
    return (
      <div className="w-full max-w-md">
        <p className="mb-2 text-sm tabular-nums">{text}</p>
        <Progress label={translate('title')} fraction={total > 0 ? Math.min(1, done / total) : null} valueText={text} />
        <Button size="small" className="mt-3" onClick={() => running.current?.abort()}>
          {translate('cancel')}
        </Button>
      </div>
    )
  }
  return (
    <>
      <Button onClick={start}>
        <Download aria-hidden />
        <span>{translate('button')}</span>
      </Button>
      <p role="status" className="basis-full text-muted text-sm empty:hidden">
        {state.step === 'done' && state.missing.length === 0 ? translate('done') : null}
      </p>
      {state.step === 'done' && state.missing.length > 0 && (
        <div role="alert" className="basis-full text-sm">
          <p className="font-medium text-danger">{translate('missing', { count: state.missing.length })}</p>
          <ul className="mt-2 max-h-48 list-disc overflow-y-auto ps-5 text-muted">
            {state.missing.map((name) => (
              <li key={name} className="wrap-anywhere">
                {name}
              </li>
            ))}
          </ul>
        </div>
      )}
      {state.step === 'failed' && (
        <div className="basis-full">
          <FailureNotice
            failure={state.failure}
            sentence={state.failure.code === 'unauthorized' ? undefined : translate('failed')}
          >
            {state.failure.code === 'unauthorized' && (
              <SignInAgain size="small" onSignedIn={() => setState({ step: 'idle' })} />
            )}
          </FailureNotice>
        </div>
      )}
    </>
  )
}

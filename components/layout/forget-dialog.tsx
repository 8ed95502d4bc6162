'use client'

import { Download } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { useEffect, useEffectEvent, useRef, useState } from 'react'
import { Button } from '@/components/ui/button'
import { Modal } from '@/components/ui/dialog'
import { Progress } from '@/components/ui/progress'
import { filesOf, readAllPhotos, saveFile, zip } from '@/lib/browser/all-photos'
import { api } from '@/lib/browser/api-client'
import { attemptWithRetries, type Failure } from '@/lib/browser/attempt'
import { leaveSession } from '@/lib/browser/sign-in'
import { collections } from '@/lib/images/collections'
import { ok } from '@/lib/result'
import { FailureNotice } from './failure-notice'
import { ReloadButton } from './reload-button'

interface ForgetDialogProps {
  onClose: () => void
  onCloseAutoFocus: () => void
}

/** What the dialog does right now: counts the photos, waits for a choice, downloads them all, or ends the session. */
type Work = { step: 'counting' | 'idle' | 'forgetting' } | { step: 'downloading'; done: number; total: number }

/**
 * Asks before a guest loses their photos: only this browser's cookie opens them (U64). Says how many there are, and
 * offers to download them.
 */
export function ForgetDialog({ onClose, onCloseAutoFocus }: ForgetDialogProps) {
  const translate = useTranslations('common.forget')
  /** Unknown while it is counted, and if that failed. */
  const [count, setCount] = useState<number | null>(null)
  const [work, setWork] = useState<Work>({ step: 'counting' })
  const [isDownloaded, setIsDownloaded] = useState(false)
  const [failed, setFailed] = useState<{ failure: Failure; retry: () => void; sentence?: string } | null>(null)
  const running = useRef(new AbortController())

  async function countPhotos() {
    setFailed(null)
    setWork({ step: 'counting' })
    const read = await attemptWithRetries(() => readAllPhotos(collections))
    setWork({ step: 'idle' })
    if (read.ok) setCount(read.value.length)
    else setFailed({ failure: read, retry: countPhotos, sentence: translate('countFailed') })
  }

  async function download() {
    setFailed(null)
    setWork({ step: 'downloading', done: 0, total: count ?? 0 })
    const { signal } = running.current
    const zipped = await attemptWithRetries(async () => {
      // Reads again, because the URLs expire.
      const read = await readAllPhotos(collections)
      if (!read.ok) return read
      const files = filesOf(read.value)
      setCount(files.length)
      return ok(await zip(files, (done) => setWork({ step: 'downloading', done, total: files.length }), signal))
    })
    if (signal.aborted) return
    setWork({ step: 'idle' })
    if (!zipped.ok) return setFailed({ failure: zipped, retry: download, sentence: translate('downloadFailed') })
    saveFile(zipped.value, 'photos.zip')
    setIsDownloaded(true)
  }

  async function forget() {
    setFailed(null)
    setWork({ step: 'forgetting' })
    const result = await attemptWithRetries(api.signOut)
    if (!result.ok) {
      setWork({ step: 'idle' })
      return setFailed({ failure: result, retry: forget })
    }
    leaveSession(result.value.next)
  }

  const countAtOnce = useEffectEvent(countPhotos)
  useEffect(() => {
    countAtOnce()
    running.current = new AbortController()
    return () => running.current.abort()
  }, [])

  const { step } = work
  const known = count === null ? translate('lostUnknown') : translate('lost', { count })
  const sentence = step === 'counting' ? translate('counting') : known
  const progress =
    work.step === 'downloading' &&
    translate('downloading', { number: Math.min(work.done + 1, work.total), total: work.total })
  return (
    <Modal
      role="alertdialog"
      title={translate('title')}
      onCloseRequest={() => step !== 'forgetting' && onClose()}
      onCloseAutoFocus={onCloseAutoFocus}
    >
      <p className="mt-3 min-h-12 text-muted" aria-live="polite">
        {sentence}
      </p>
      {failed && (
        <div className="mt-4">
          <FailureNotice failure={failed.failure} sentence={failed.sentence}>
            {failed.failure.code === 'unauthorized' ? (
              <ReloadButton size="small" />
            ) : (
              <Button size="small" onClick={failed.retry}>
                {translate('retry')}
              </Button>
            )}
          </FailureNotice>
        </div>
      )}
      {count !== null && count > 0 && (
        <div className="mt-4">
          {progress && work.step === 'downloading' ? (
            <>
              <p className="mb-2 text-sm tabular-nums">{progress}</p>
              <Progress label={translate('download')} fraction={work.done / work.total} valueText={progress} />
            </>
          ) : (
            <Button onClick={download} disabled={step !== 'idle'}>
              <Download aria-hidden />
              <span>{translate('download')}</span>
            </Button>
          )}
          <p role="status" className="mt-2 text-muted text-sm empty:hidden">
            {isDownloaded && step === 'idle' ? translate('downloaded') : null}
          </p>
        </div>
      )}
      <div className="mt-7 flex flex-wrap justify-end gap-3 max-sm:*:grow">
        <Button data-autofocus aria-disabled={step === 'forgetting' || undefined} onClick={onClose}>
          {translate('cancel')}
        </Button>
        <Button
          look="danger"
          busy={step === 'forgetting'}
          disabled={step === 'counting' || step === 'downloading'}
          onClick={forget}
        >
          {translate('confirm')}
        </Button>
      </div>
    </Modal>
  )
}

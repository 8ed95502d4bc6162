'use client'

import { X } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { flushSync } from 'react-dom'
import { focusHeading } from '@/components/layout/focus-heading'
import { Button } from '@/components/ui/button'
import { TransferProgress } from '@/components/upload/transfer-strip'
import { type Accepted, isBusy, waitsForNetwork } from '@/components/upload/upload-state'
import { useOnline } from '@/components/upload/use-online'

interface UnsavedPhotoProps {
  state: Accepted
  /** The photo's object URL. */
  url: string
  onOpen: () => void
  onDiscard: () => void
}

/** A photo that waits outside the editor: at the top of every page, until it is opened, saved or discarded. */
export function UnsavedPhoto({ state, url, onOpen, onDiscard }: UnsavedPhotoProps) {
  const translate = useTranslations('upload.unsaved')
  const discard = () => {
    flushSync(onDiscard)
    focusHeading()
  }
  return (
    <section
      aria-label={translate('label')}
      className="top-2 z-20 mx-auto w-full max-w-5xl px-4 sm:px-6 [@media(min-height:30rem)]:sticky"
    >
      <div className="flex items-center gap-3 rounded-card border border-line bg-surface p-2 shadow-sm">
        {/* biome-ignore lint/performance/noImgElement: a file of this browser */}
        <img src={url} alt="" className="size-11 shrink-0 rounded-control bg-raised object-cover" />
        <div className="min-w-0 grow">
          {/* A cut name keeps its start, whatever the language of the page. */}
          <p dir="auto" className="truncate font-medium text-sm rtl:text-right">
            {state.file.name}
          </p>
          {isBusy(state) ? <TransferProgress state={state} /> : <Rest state={state} />}
        </div>
        <Button size="small" look="primary" onClick={onOpen}>
          {translate('open')}
        </Button>
        <Button size="small" look="quiet" className="max-sm:px-2 max-sm:pointer-coarse:min-w-11" onClick={discard}>
          <X aria-hidden className="sm:hidden" />
          <span className="max-sm:sr-only">{translate('discard')}</span>
        </Button>
      </div>
    </section>
  )
}

/** Says what is left to do. The editor says why an upload stopped. */
function Rest({ state }: { state: Accepted }) {
  const translate = useTranslations('upload.unsaved')
  const isOnline = useOnline()
  const isFailed = state.step === 'stopped' && state.stop.by !== 'person'
  const sentence = () => {
    if (state.step !== 'stopped') return translate('arrived')
    return translate(waitsForNetwork(state) && !isOnline ? 'offline' : 'stopped')
  }
  return (
    <p role={isFailed ? 'alert' : undefined} className="text-muted text-xs">
      {sentence()}
    </p>
  )
}

'use client'

import { ArrowLeft } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { type ReactNode, useState } from 'react'
import { useCollectionWords } from '@/components/collection'
import { Button } from '@/components/ui/button'
import type { Collection } from '@/lib/images/collections'
import type { CropAnswer } from '@/lib/images/schema'
import { CoverInContext, PhotoInContext } from './in-context'

interface CropPreviewProps {
  crop: CropAnswer
  collection: Collection
  heading: ReactNode
  /** Notices above the buttons. */
  status: ReactNode
  actions: ReactNode
  /** Returns to the editor. Null while the photo is saved. */
  onBack: (() => void) | null
}

/** The crop as the hosts rendered it, where people will meet it: light and dark, straight from the store. */
export function CropPreview({ crop, collection, heading, status, actions, onBack }: CropPreviewProps) {
  const translate = useTranslations('crop.preview')
  const word = useCollectionWords(collection)
  const [isBroken, setIsBroken] = useState(false)
  const InContext = collection.mask === 'round' ? PhotoInContext : CoverInContext

  return (
    <div className="studio grid min-h-dvh grid-cols-1 grid-rows-[auto_1fr_auto] side:h-dvh side:grid-cols-[minmax(0,1fr)_20rem] side:grid-rows-[auto_minmax(0,1fr)] lg:side:grid-cols-[minmax(0,1fr)_22rem]">
      <div className="flex items-center gap-2 px-2 py-1 sm:px-3">
        <Button look="quiet" size="icon" aria-label={translate('back')} disabled={!onBack} onClick={() => onBack?.()}>
          <ArrowLeft aria-hidden className="rtl:-scale-x-100" />
        </Button>
        {heading}
      </div>
      <div className="mx-auto grid w-full max-w-5xl content-center gap-4 overflow-y-auto px-4 py-2 sm:grid-cols-2 sm:gap-6">
        {(['light', 'dark'] as const).map((theme) => (
          <figure
            key={theme}
            data-theme={theme}
            className="overflow-hidden rounded-card border border-line bg-canvas text-ink"
          >
            <InContext
              variants={crop.variants}
              alt={word(`crop.preview.${theme}`)}
              onBroken={() => setIsBroken(true)}
            />
          </figure>
        ))}
      </div>
      <div className="flex flex-col justify-end space-y-2 bg-studio px-4 pt-2 pb-[max(0.75rem,env(safe-area-inset-bottom))] side:col-start-2 side:row-span-2 side:row-start-1 side:min-h-0 side:overflow-y-auto side:border-studio-line side:border-s stacked:not-short:sticky stacked:bottom-0 lg:side:px-5">
        {isBroken && (
          <p role="alert" className="rounded-card bg-danger-soft p-4 font-medium text-danger">
            {translate('broken')}
          </p>
        )}
        {status}
        {actions}
      </div>
    </div>
  )
}

'use client'

import { ArrowLeft } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { type ReactNode, useState } from 'react'
import { Button } from '@/components/ui/button'
import type { Collection } from '@/lib/images/collections'
import type { Size } from '@/lib/images/geometry'
import type { CropAnswer } from '@/lib/images/schema'
import { CoverInContext, PhotoInContext } from './in-context'
import { TooSmallNotice } from './too-small-notice'

interface CropPreviewProps {
  crop: CropAnswer
  /** The cropped area's size, if the page knows it. */
  area: Size | null
  collection: Collection
  heading: ReactNode
  /** Notices above the buttons. */
  status: ReactNode
  actions: ReactNode
  /** Returns to the editor. Null while the photo is saved. */
  onBack: (() => void) | null
}

/** The crop as the hosts rendered it, where people will meet it: light and dark, straight from the store. */
export function CropPreview({ crop, area, collection, heading, status, actions, onBack }: CropPreviewProps) {
  const translate = useTranslations('crop.preview')
  const [isBroken, setIsBroken] = useState(false)
  const InContext = collection.mask === 'round' ? PhotoInContext : CoverInContext

  return (
    <div className="studio flex min-h-dvh flex-col">
      <div className="flex items-center gap-3 px-4 py-3">
        <Button look="quiet" size="small" disabled={!onBack} onClick={() => onBack?.()}>
          <ArrowLeft aria-hidden className="rtl:-scale-x-100" />
          <span>{translate('back')}</span>
        </Button>
        {heading}
      </div>
      <div className="mx-auto grid w-full max-w-5xl grow content-center gap-4 px-4 py-2 sm:grid-cols-2 sm:gap-6">
        {(['light', 'dark'] as const).map((theme) => (
          <figure key={theme} data-theme={theme} className="overflow-hidden rounded-card bg-canvas text-ink">
            <InContext variants={crop.variants} alt={translate(theme)} onBroken={() => setIsBroken(true)} />
          </figure>
        ))}
      </div>
      <div className="sticky bottom-0 mx-auto w-full max-w-xl space-y-3 bg-studio px-4 py-4">
        <TooSmallNotice area={area} collection={collection} />
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

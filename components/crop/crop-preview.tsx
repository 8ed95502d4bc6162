'use client'

import { useFormatter, useTranslations } from 'next-intl'
import { useId, useState } from 'react'
import { useCollectionWords } from '@/components/collection'
import { Button } from '@/components/ui/button'
import { cn } from '@/components/ui/cn'
import { ReducedMotionImage } from '@/components/ui/reduced-motion-image'
import type { Collection } from '@/lib/images/collections'
import type { Size } from '@/lib/images/geometry'
import type { CropAnswer } from '@/lib/images/schema'
import { ActionBar } from './action-bar'
import { SaveFailure } from './recovery-actions'
import { TooSmallNotice } from './too-small-notice'
import type { useSave } from './use-save'

interface CropPreviewProps {
  crop: CropAnswer
  /** The cropped area's size, if the page knows it. */
  area: Size | null
  collection: Collection
  keepsOriginal: boolean
  onKeepsOriginal: (keepsOriginal: boolean) => void
  saving: Pick<ReturnType<typeof useSave>, 'busy' | 'failure'>
  onSave: (keepOriginal: boolean) => void
  onBack: () => void
}

/** The crop step's second screen: every variant as rendered by a host, to check and save. */
export function CropPreview({ crop, area, collection, saving, onSave, onBack, ...original }: CropPreviewProps) {
  const translate = useTranslations('crop.preview')
  const word = useCollectionWords(collection)
  const hintId = useId()
  const [isBroken, setIsBroken] = useState(false)

  return (
    <>
      <p className="mt-2 max-w-prose text-pretty text-muted">{translate('explanation')}</p>
      <ul className="mt-6 flex flex-wrap items-end gap-6 rounded-card border border-line bg-surface p-4 sm:p-6">
        {crop.variants.map((variant) => (
          <li key={variant.name} className="max-w-full">
            <Variant variant={variant} mask={collection.mask} onBroken={() => setIsBroken(true)} />
          </li>
        ))}
      </ul>
      <div className="mt-6 space-y-3">
        <TooSmallNotice area={area} collection={collection} />
        {isBroken && (
          <p role="alert" className="rounded-card border border-danger/40 bg-danger-soft p-4 font-medium text-danger">
            {translate('broken')}
          </p>
        )}
        <p id={hintId} className="max-w-prose pb-3 text-pretty text-muted text-sm">
          {translate('original.hint')}
        </p>
      </div>
      <ActionBar>
        {saving.failure && (
          <SaveFailure
            failure={saving.failure}
            collection={collection}
            onRetry={() => onSave(original.keepsOriginal)}
            onBack={onBack}
            onSaveWithoutOriginal={() => onSave(false)}
          />
        )}
        <KeepOriginal
          checked={original.keepsOriginal}
          disabled={saving.busy}
          hintId={hintId}
          onChange={original.onKeepsOriginal}
        />
        <div className="flex flex-wrap gap-3">
          <Button look="primary" size="large" busy={saving.busy} onClick={() => onSave(original.keepsOriginal)}>
            {word('crop.preview.save')}
          </Button>
          <Button size="large" disabled={saving.busy} onClick={onBack}>
            {translate('back')}
          </Button>
        </div>
        <p role="status" className="text-muted text-sm empty:sr-only">
          {saving.busy && translate('saving')}
        </p>
      </ActionBar>
    </>
  )
}

interface KeepOriginalProps {
  checked: boolean
  /** During a save. */
  disabled: boolean
  /** Id of the text that explains what the original contains. */
  hintId: string
  onChange: (checked: boolean) => void
}

/** The keep-original choice. Next to the save button, so that everyone sees it before saving. */
function KeepOriginal({ checked, disabled, hintId, onChange }: KeepOriginalProps) {
  const translate = useTranslations('crop.preview.original')
  const id = useId()
  return (
    <div className="flex items-center gap-3">
      <input
        id={id}
        type="checkbox"
        checked={checked}
        disabled={disabled}
        onChange={(event) => onChange(event.target.checked)}
        aria-describedby={hintId}
        className="size-6 shrink-0 accent-accent"
      />
      <label htmlFor={id} className="flex min-h-10 items-center font-medium leading-snug pointer-coarse:min-h-11">
        {translate('keep')}
      </label>
    </div>
  )
}

interface VariantProps {
  variant: CropAnswer['variants'][number]
  mask: Collection['mask']
  onBroken: () => void
}

function Variant({ variant: { url, posterUrl, width, height, bytes }, mask, onBroken }: VariantProps) {
  const translate = useTranslations('crop.preview')
  const format = useFormatter()
  const size = format.number(bytes / 1000, { style: 'unit', unit: 'kilobyte', maximumSignificantDigits: 2 })
  return (
    <figure>
      <ReducedMotionImage poster={posterUrl}>
        {/* biome-ignore lint/performance/noImgElement: the variants exist already in the store */}
        <img
          src={url}
          width={width}
          height={height}
          alt={translate('alt', { width, height })}
          ref={(image) => {
            if (image?.complete && image.naturalWidth === 0) onBroken()
          }}
          onError={onBroken}
          className={cn('h-auto max-w-full bg-raised', mask === 'round' ? 'rounded-full' : 'rounded-lg')}
        />
      </ReducedMotionImage>
      <figcaption className="mt-2 text-center text-muted text-xs tabular-nums">
        <span className="block">{translate('size', { width, height })}</span>
        <span className="block">{size}</span>
      </figcaption>
    </figure>
  )
}

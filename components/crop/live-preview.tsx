'use client'

import { useTranslations } from 'next-intl'
import { useRef } from 'react'
import { cn } from '@/components/ui/cn'
import type { Collection, Variant } from '@/lib/images/collections'
import { boxTransform } from './stage-geometry'
import type { Editing } from './use-editor'
import { useElementSize } from './use-element-size'

/** CSS pixels. Wider variants do not fit beside the editor; the preview screen shows them. */
const maxWidth = 256

interface LivePreviewProps {
  url: string
  collection: Collection
  /** Null while the image loads: the boxes are empty. */
  editing: Editing | null
}

/** Previews of the crop at its actual sizes during editing. */
export function LivePreview({ url, collection, editing }: LivePreviewProps) {
  const translate = useTranslations('crop.live')
  const fitting = collection.variants.filter((variant) => variant.width <= maxWidth)
  // If none fits, show the smallest variant scaled down.
  const [largest, ...others] = fitting.length > 0 ? fitting : collection.variants.slice(-1)
  const box = (variant: Variant) => (
    <LiveBox key={variant.name} url={url} variant={variant} mask={collection.mask} editing={editing} />
  )
  return (
    <div>
      <h2 className="font-medium text-sm">{translate(fitting.length > 0 ? 'heading' : 'scaledHeading')}</h2>
      <div className="mt-3 flex flex-wrap items-end gap-4">
        {largest && box(largest)}
        <div className="flex items-end gap-4 sm:flex-col sm:items-center">{others.map(box)}</div>
      </div>
    </div>
  )
}

interface LiveBoxProps {
  url: string
  variant: Variant
  mask: Collection['mask']
  editing: Editing | null
}

function LiveBox({ url, variant, mask, editing }: LiveBoxProps) {
  const translate = useTranslations('crop.live')
  const box = useRef<HTMLDivElement>(null)
  const size = useElementSize(box)
  return (
    <figure className="max-w-full">
      <div
        ref={box}
        dir="ltr"
        style={{ width: variant.width, aspectRatio: variant.width / variant.height }}
        className={cn(
          'relative max-w-full overflow-hidden bg-raised',
          mask === 'round' ? 'rounded-full' : 'rounded-lg',
        )}
      >
        {editing && size && (
          // biome-ignore lint/performance/noImgElement: a presigned URL of the upload
          <img
            src={url}
            alt=""
            draggable={false}
            className="absolute top-0 left-0 max-w-none origin-top-left"
            style={{
              width: editing.subject.image.width,
              height: editing.subject.image.height,
              transform: boxTransform(editing.recipe, editing.subject.image, size.width),
            }}
          />
        )}
      </div>
      <figcaption className="mt-1.5 text-center text-muted text-xs tabular-nums">
        {translate('size', { width: variant.width, height: variant.height })}
      </figcaption>
    </figure>
  )
}

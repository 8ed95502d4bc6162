'use client'

import { useTranslations } from 'next-intl'
import { useRef } from 'react'
import { cn } from '@/components/ui/cn'
import type { Collection } from '@/lib/images/collections'
import { boxTransform } from './stage-geometry'
import { type Editor, jumpTransition, shownView, useLive } from './use-editor'
import { useElementSize } from './use-element-size'

/** CSS pixels. A wider variant does not fit beside the editor. */
const maxWidth = 128

interface LivePreviewProps {
  url: string
  collection: Collection
  editor: Editor
}

/** A preview of the crop at a small actual size, where there is room for it. */
export function LivePreview({ url, collection, editor }: LivePreviewProps) {
  const translate = useTranslations('crop.live')
  const state = useLive(editor, (whole) => whole)
  const box = useRef<HTMLDivElement>(null)
  const size = useElementSize(box)
  // If none fits, the smallest variant is scaled down.
  const actual = collection.variants.find(({ width }) => width <= maxWidth)
  const variant = actual ?? collection.variants.at(-1)
  if (!variant) return null
  return (
    <figure className="flex flex-col items-center gap-2 tight:hidden">
      <div
        ref={box}
        dir="ltr"
        style={{ width: variant.width, aspectRatio: variant.width / variant.height }}
        className={cn(
          'relative max-w-full overflow-hidden bg-raised',
          collection.mask === 'round' ? 'rounded-full' : 'rounded-lg',
        )}
      >
        {state && size && (
          // biome-ignore lint/performance/noImgElement: a presigned URL of the upload
          <img
            src={url}
            alt=""
            draggable={false}
            className="absolute top-0 left-0 max-w-none origin-top-left"
            style={{
              width: state.subject.image.width,
              height: state.subject.image.height,
              transform: boxTransform(shownView(state), state.subject, size.width),
              transition: jumpTransition(state),
            }}
          />
        )}
      </div>
      <figcaption className="text-muted text-xs">{translate(actual ? 'heading' : 'scaledHeading')}</figcaption>
    </figure>
  )
}

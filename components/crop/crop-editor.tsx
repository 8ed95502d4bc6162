'use client'

import { useRouter } from 'next/navigation'
import { useFormatter, useTranslations } from 'next-intl'
import { type ReactNode, useId, useRef } from 'react'
import type { Collection } from '@/lib/images/collections'
import { ActionBar } from './action-bar'
import { CropControls } from './crop-controls'
import { CropStage } from './crop-stage'
import { LivePreview } from './live-preview'
import { PictureFailed, PictureLoading } from './picture-states'
import { TooSmallNotice } from './too-small-notice'
import { useDebouncedValue } from './use-debounced-value'
import type { Editing, Editor } from './use-editor'
import { useElementSize } from './use-element-size'
import { usePicture } from './use-picture'

interface CropEditorProps {
  url: string
  collection: Collection
  editor: Editor
  /** Apply, leave, and what came of them; at hand at the bottom of a phone. */
  children: ReactNode
}

/** The state of the step in which the crop is chosen. */
export function CropEditor({ url, collection, editor, children }: CropEditorProps) {
  const translate = useTranslations('crop')
  const router = useRouter()
  const picture = usePicture(url)
  const stage = useRef<HTMLDivElement>(null)
  const size = useElementSize(stage)
  const instructionsId = useId()
  const editing = picture.size && editor.editing

  function reload() {
    picture.tryAgain()
    router.refresh()
  }

  return (
    <>
      <div id={instructionsId} className="mt-2 max-w-prose text-pretty text-muted">
        <p>{translate('instructions')}</p>
        <p className="mt-1 text-sm pointer-coarse:hidden">{translate('keys')}</p>
      </div>
      <div className="mt-6 flex flex-col gap-6 lg:grid lg:grid-cols-[minmax(0,1fr)_26rem] lg:grid-rows-[auto_auto_1fr] lg:gap-x-10">
        <div
          ref={stage}
          dir="ltr"
          className="relative h-[min(calc(100vw-2rem),55svh)] min-h-60 overflow-hidden rounded-card border border-line bg-raised lg:row-span-3 lg:h-[min(72svh,42rem)]"
        >
          {picture.failed && <PictureFailed url={picture.url} onReload={reload} />}
          {!picture.failed && editing && size && (
            <CropStage
              url={picture.url}
              collection={collection}
              editor={editor}
              editing={editing}
              size={size}
              instructionsId={instructionsId}
              onBroken={picture.fail}
            />
          )}
          {!picture.failed && !(editing && size) && (
            <PictureLoading
              key={picture.thisTry}
              url={picture.url}
              onLoaded={(natural) => {
                picture.take(natural)
                editor.open(natural)
              }}
              onBroken={picture.fail}
            />
          )}
        </div>
        <div className="max-lg:[&_*]:scroll-mb-24">
          <CropControls editor={editor} editing={editing} />
        </div>
        {/* Beside the editor, what is shown stands under what is pressed, so that Apply needs no scrolling. */}
        <div className="space-y-6 lg:order-last">
          <LivePreview url={picture.url} collection={collection} editing={editing} />
          <TooSmallNotice area={editing?.recipe.area ?? null} collection={collection} />
          {editing && <Spoken editing={editing} />}
        </div>
        <ActionBar>{children}</ActionBar>
      </div>
    </>
  )
}

/** Speaks what the press of a button or key has done, once it pauses; sliders speak for themselves. */
function Spoken({ editing: { recipe, view, pressed } }: { editing: Editing }) {
  const translate = useTranslations('crop')
  const format = useFormatter()
  const { horizontal, vertical } = recipe.flip
  const now = translate('spoken', {
    ...recipe.area,
    zoom: format.number(view.zoom, { style: 'percent' }),
    rotate: format.number(recipe.rotate, { style: 'unit', unit: 'degree', unitDisplay: 'narrow' }),
    flip: horizontal && vertical ? 'both' : horizontal ? 'horizontal' : vertical ? 'vertical' : 'none',
  })
  const late = useDebouncedValue(now, 500)
  return (
    <p role="status" className="sr-only">
      {pressed && late === now ? now : ''}
    </p>
  )
}

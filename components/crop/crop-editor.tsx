'use client'

import { useRouter } from 'next/navigation'
import { useFormatter, useTranslations } from 'next-intl'
import { type ReactNode, useEffect, useId, useRef, useState } from 'react'
import type { Collection } from '@/lib/images/collections'
import { ActionBar } from './action-bar'
import { CropControls } from './crop-controls'
import { CropStage } from './crop-stage'
import { ImageFailed, ImageLoading } from './image-states'
import { LivePreview } from './live-preview'
import { TooSmallNotice } from './too-small-notice'
import type { Editing, Editor } from './use-editor'
import { useElementSize } from './use-element-size'
import { useImageLoading } from './use-image-loading'

interface CropEditorProps {
  url: string
  collection: Collection
  editor: Editor
  /** The Apply and Cancel buttons with their status, for the action bar. */
  children: ReactNode
}

/** The crop step's first screen: choose the crop. */
export function CropEditor({ url, collection, editor, children }: CropEditorProps) {
  const translate = useTranslations('crop')
  const router = useRouter()
  const image = useImageLoading(url)
  const stage = useRef<HTMLDivElement>(null)
  const size = useElementSize(stage)
  const instructionsId = useId()
  const editing = image.size && editor.editing

  function reload() {
    image.retry()
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
          {image.failed && <ImageFailed url={image.url} onReload={reload} />}
          {!image.failed && editing && size && (
            <CropStage
              url={image.url}
              collection={collection}
              editor={editor}
              editing={editing}
              size={size}
              instructionsId={instructionsId}
              onBroken={image.fail}
            />
          )}
          {!image.failed && !(editing && size) && (
            <ImageLoading
              key={image.attempt}
              url={image.url}
              onLoaded={(natural) => {
                image.setSize(natural)
                editor.open(natural)
              }}
              onBroken={image.fail}
            />
          )}
        </div>
        <div className="max-lg:[&_*]:scroll-mb-24">
          <CropControls editor={editor} editing={editing} />
        </div>
        {/* On wide screens the previews come after the buttons, so that Apply is reachable without scrolling. */}
        <div className="space-y-6 lg:order-last">
          <LivePreview url={image.url} collection={collection} editing={editing} />
          <TooSmallNotice area={editing?.recipe.area ?? null} collection={collection} />
          {editing && <CropAnnouncer editing={editing} />}
        </div>
        <ActionBar>{children}</ActionBar>
      </div>
    </>
  )
}

/** Announces the crop to screen readers after a button or key press. Sliders announce their own value. */
function CropAnnouncer({ editing: { recipe, view, pressed } }: { editing: Editing }) {
  const translate = useTranslations('crop')
  const format = useFormatter()
  const { horizontal, vertical } = recipe.flip
  const sentence = translate('spoken', {
    ...recipe.area,
    zoom: format.number(view.zoom, { style: 'percent' }),
    rotate: format.number(recipe.rotate, { style: 'unit', unit: 'degree', unitDisplay: 'narrow' }),
    flip: horizontal && vertical ? 'both' : horizontal ? 'horizontal' : vertical ? 'vertical' : 'none',
  })
  const settled = useDebouncedValue(sentence, 500)
  return (
    <p role="status" className="sr-only">
      {pressed && settled === sentence ? sentence : ''}
    </p>
  )
}

/** Returns the value once it has not changed for `milliseconds`. */
function useDebouncedValue<T>(value: T, milliseconds: number): T {
  const [debounced, setDebounced] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => setDebounced(value), milliseconds)
    return () => clearTimeout(timer)
  }, [value, milliseconds])
  return debounced
}

'use client'

import { useTranslations } from 'next-intl'
import { type RefObject, useRef } from 'react'
import Cropper from 'react-easy-crop'
import type { Collection } from '@/lib/images/collections'
import type { Size } from '@/lib/images/geometry'
import { frameWidth, maxZoom, zoomed } from './crop-geometry'
import { pressKey } from './editor-actions'
import { cropOf, frameIn, stageTransform, viewAt } from './stage-geometry'
import type { Editing, Editor } from './use-editor'

interface CropStageProps {
  url: string
  collection: Collection
  editor: Editor
  editing: Editing
  /** Of the stage, in CSS pixels. */
  size: Size
  instructionsId: string
  onBroken: () => void
}

/** The picture under its frame: drag, pinch, wheel and keys move it. It fills its positioned parent. */
export function CropStage({ url, collection, editor, editing, size, instructionsId, onBroken }: CropStageProps) {
  const translate = useTranslations('crop.stage')
  const frameRef = useRef<RefObject<HTMLDivElement | null> | null>(null)
  const isHeld = useRef(false)
  const { view, subject, recipe } = editing
  const frame = frameIn(size, collection.aspect)
  const crop = cropOf(view, subject, frame)

  function zoomByWheel(event: WheelEvent) {
    const frameElement = frameRef.current?.current
    if (!frameElement) return
    const isMeant = event.ctrlKey || event.metaKey || document.activeElement === frameElement
    // Lines, in Firefox, are about 16 px. A notch of a wheel counts as little as a swipe.
    const pixels = event.deltaY * (event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1)
    const wanted = view.zoom * Math.exp(-Math.max(-50, Math.min(50, pixels)) / 250)
    const isAtEnd = zoomed(view, wanted, subject).zoom === view.zoom
    // At the end of the zoom, and without focus, the wheel scrolls the page.
    if (!isMeant || (isAtEnd && !event.ctrlKey && !event.metaKey)) return
    event.preventDefault()
    const bounds = frameElement.getBoundingClientRect()
    const scale = frameWidth(view, subject) / frame.width
    const pin = {
      x: (event.clientX - bounds.left - bounds.width / 2) * scale,
      y: (event.clientY - bounds.top - bounds.height / 2) * scale,
    }
    editor.change((now) => zoomed(now, now.zoom * (wanted / view.zoom), subject, pin))
  }

  return (
    <Cropper
      image={url}
      crop={crop}
      zoom={view.zoom}
      minZoom={1}
      maxZoom={Math.max(maxZoom, view.zoom)}
      aspect={collection.aspect}
      cropSize={frame}
      cropShape={collection.mask}
      showGrid={collection.mask === 'rect'}
      objectFit="contain"
      // The frame stays covered by `settled`; the library would allow empty corners.
      restrictPosition={false}
      disableAutomaticStylesInjection
      // The colour is that of the veil over what is cut off.
      style={{
        cropAreaStyle: {
          color: 'color-mix(in oklab, var(--canvas) 72%, transparent)',
          border: '2px solid var(--ink)',
          forcedColorAdjust: 'none',
        },
      }}
      transform={stageTransform(recipe, subject.picture, frame, size)}
      // It also calls back when it is resized, to keep pixels of the screen: what is kept here does not depend on them.
      onCropChange={(next) => {
        if (!isHeld.current || (next.x === crop.x && next.y === crop.y)) return
        editor.change((now) => viewAt(next, now, subject, frame))
      }}
      // A pinch: between its two fingers the library moves the picture as well, in pixels of the screen.
      onZoomChange={(zoom) =>
        editor.change((now) => viewAt(cropOf(now, subject, frame), { ...now, zoom }, subject, frame))
      }
      onWheelRequest={(event) => {
        zoomByWheel(event)
        return false
      }}
      onInteractionStart={() => {
        isHeld.current = true
        frameRef.current?.current?.focus({ preventScroll: true })
      }}
      onInteractionEnd={() => {
        // The last movement is still waiting for its animation frame.
        requestAnimationFrame(() => {
          isHeld.current = false
        })
      }}
      setCropperRef={(ref) => {
        frameRef.current = ref
      }}
      mediaProps={{ alt: '', onError: onBroken }}
      cropperProps={{
        // The keys are the editor's own: a screen reader hands them through.
        role: 'application',
        'aria-label': translate('name'),
        'aria-describedby': instructionsId,
        onKeyDown: (event) => pressKey(editor, event),
      }}
    />
  )
}

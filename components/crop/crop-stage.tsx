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
  /** Size of the stage in CSS pixels. */
  size: Size
  instructionsId: string
  onBroken: () => void
}

/** The image under the crop frame, moved by drag, pinch, wheel and keys. Fills its positioned parent. */
export function CropStage({ url, collection, editor, editing, size, instructionsId, onBroken }: CropStageProps) {
  const translate = useTranslations('crop.stage')
  const frameRef = useRef<RefObject<HTMLDivElement | null> | null>(null)
  const isDragging = useRef(false)
  const { view, subject, recipe } = editing
  const frame = frameIn(size, collection.aspect)
  const crop = cropOf(view, subject, frame)

  function zoomByWheel(event: WheelEvent) {
    const frameElement = frameRef.current?.current
    if (!frameElement) return
    const isIntended = event.ctrlKey || event.metaKey || document.activeElement === frameElement
    // Firefox reports lines of about 16 px. The limit of 50 below makes a wheel notch as small as a swipe.
    const pixels = event.deltaY * (event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1)
    const target = view.zoom * Math.exp(-Math.max(-50, Math.min(50, pixels)) / 250)
    const isAtEnd = zoomed(view, target, subject).zoom === view.zoom
    // Without focus, or at the end of the zoom range, let the wheel scroll the page.
    if (!isIntended || (isAtEnd && !event.ctrlKey && !event.metaKey)) return
    event.preventDefault()
    const bounds = frameElement.getBoundingClientRect()
    const scale = frameWidth(view, subject) / frame.width
    const pin = {
      x: (event.clientX - bounds.left - bounds.width / 2) * scale,
      y: (event.clientY - bounds.top - bounds.height / 2) * scale,
    }
    editor.change((now) => zoomed(now, now.zoom * (target / view.zoom), subject, pin))
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
      // `settled` keeps the frame covered; the library's own restriction allows empty corners.
      restrictPosition={false}
      disableAutomaticStylesInjection
      // `color` sets the overlay on the part that is cut off.
      style={{
        cropAreaStyle: {
          color: 'color-mix(in oklab, var(--canvas) 72%, transparent)',
          border: '2px solid var(--ink)',
          forcedColorAdjust: 'none',
        },
      }}
      transform={stageTransform(recipe, subject.image, frame, size)}
      // The library also calls this on resize to keep screen pixels, which the view does not depend on.
      onCropChange={(next) => {
        if (!isDragging.current || (next.x === crop.x && next.y === crop.y)) return
        editor.change((now) => viewAt(next, now, subject, frame))
      }}
      // A pinch. The library moves the image between the two fingers too, in screen pixels.
      onZoomChange={(zoom) =>
        editor.change((now) => viewAt(cropOf(now, subject, frame), { ...now, zoom }, subject, frame))
      }
      onWheelRequest={(event) => {
        zoomByWheel(event)
        return false
      }}
      onInteractionStart={() => {
        isDragging.current = true
        frameRef.current?.current?.focus({ preventScroll: true })
      }}
      onInteractionEnd={() => {
        // The last movement is still waiting for its animation frame.
        requestAnimationFrame(() => {
          isDragging.current = false
        })
      }}
      setCropperRef={(ref) => {
        frameRef.current = ref
      }}
      mediaProps={{ alt: '', onError: onBroken }}
      cropperProps={{
        // role=application makes a screen reader pass keys through to the editor.
        role: 'application',
        'aria-label': translate('name'),
        'aria-describedby': instructionsId,
        onKeyDown: (event) => pressKey(editor, event),
      }}
    />
  )
}

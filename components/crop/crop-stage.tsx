'use client'

import { useTranslations } from 'next-intl'
import { type RefObject, useEffect, useRef } from 'react'
import Cropper from 'react-easy-crop'
import { cn } from '@/components/ui/cn'
import type { Collection } from '@/lib/images/collections'
import type { Size } from '@/lib/images/geometry'
import { frameWidth, maxZoom, type Point, zoomed } from './crop-geometry'
import { pressKey, toggleZoom } from './editor-actions'
import { cropOf, frameIn, stageTransform, viewAt } from './stage-geometry'
import { useDoubleTap } from './use-double-tap'
import { type Editor, jumpTransition, shownView, useLive } from './use-editor'

interface CropStageProps {
  url: string
  collection: Collection
  editor: Editor
  /** Size of the stage in CSS pixels. */
  size: Size
  instructionsId: string
  /** Shows the lines to straighten by. */
  isStraightening: boolean
  onBroken: () => void
  onHelp: () => void
}

/** The image under the crop frame, moved by drag, pinch, wheel and keys. Fills its positioned parent. */
export function CropStage({ url, collection, editor, size, instructionsId, isStraightening, ...on }: CropStageProps) {
  const translate = useTranslations('crop.stage')
  const state = useLive(editor, (whole) => whole)
  const frameRef = useRef<RefObject<HTMLDivElement | null> | null>(null)
  const isDragging = useRef(false)
  const wheelTimer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const doubleTap = useDoubleTap((event) => {
    const pin = pinAt(event)
    if (pin) toggleZoom(editor, pin)
  })
  useEffect(() => () => clearTimeout(wheelTimer.current), [])
  if (!state) return null

  const { subject } = state
  const { view } = state.now
  const frame = frameIn(size, collection.aspect)
  const crop = cropOf(view, subject, frame)

  /** Returns the point under the pointer in image pixels from the frame's centre. */
  function pinAt(event: { clientX: number; clientY: number }): Point | null {
    const bounds = frameRef.current?.current?.getBoundingClientRect()
    if (!bounds) return null
    const scale = frameWidth(view, subject) / frame.width
    return {
      x: (event.clientX - bounds.left - bounds.width / 2) * scale,
      y: (event.clientY - bounds.top - bounds.height / 2) * scale,
    }
  }

  function zoomByWheel(event: WheelEvent) {
    const pin = pinAt(event)
    if (!pin) return
    const { scrollHeight, clientHeight } = document.documentElement
    const isChosen = event.ctrlKey || event.metaKey || document.activeElement === frameRef.current?.current
    // Firefox reports lines of about 16 px. The limit of 50 below makes a wheel notch as small as a swipe.
    const pixels = event.deltaY * (event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1)
    const target = view.zoom * Math.exp(-Math.max(-50, Math.min(50, pixels)) / 250)
    const isAtEnd = zoomed(view, target, subject).zoom === view.zoom
    // On a page that scrolls, the wheel scrolls it: without focus, or at the end of the zoom range.
    const isScroll = scrollHeight > clientHeight && (!isChosen || (isAtEnd && !event.ctrlKey && !event.metaKey))
    if (isScroll) return
    event.preventDefault()
    editor.drag((now) => zoomed(now, now.zoom * (target / view.zoom), subject, pin))
    clearTimeout(wheelTimer.current)
    wheelTimer.current = setTimeout(editor.settle, 250)
  }

  return (
    <div dir="ltr" className="absolute inset-0" {...doubleTap}>
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
            color: 'color-mix(in oklab, var(--studio) 72%, transparent)',
            border: '2px solid var(--studio-ink)',
            forcedColorAdjust: 'none',
          },
          mediaStyle: { transition: jumpTransition(state) },
        }}
        classes={{ cropAreaClassName: cn(isStraightening && straightenLines) }}
        transform={stageTransform(shownView(state), subject, frame, size)}
        // The library also calls this on resize to keep screen pixels, which the view does not depend on.
        onCropChange={(next) => {
          if (!isDragging.current || (next.x === crop.x && next.y === crop.y)) return
          editor.drag((now) => viewAt(next, now, subject, frame))
        }}
        // A pinch. The library moves the image between the two fingers too, in screen pixels.
        onZoomChange={(zoom) =>
          editor.drag((now) => viewAt(cropOf(now, subject, frame), { ...now, zoom }, subject, frame))
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
            editor.settle()
          })
        }}
        setCropperRef={(ref) => {
          frameRef.current = ref
        }}
        mediaProps={{ alt: '', onError: on.onBroken }}
        cropperProps={{
          // role=application makes a screen reader pass keys through to the editor.
          role: 'application',
          'aria-label': translate('name'),
          'aria-describedby': instructionsId,
          onKeyDown: (event) => pressKey(editor, event, on.onHelp),
        }}
      />
    </div>
  )
}

/** Lines over the frame, eight by eight. */
const straightenLines =
  'bg-[linear-gradient(to_right,rgb(255_255_255/0.45)_1px,transparent_1px),linear-gradient(rgb(255_255_255/0.45)_1px,transparent_1px)] bg-[size:12.5%_12.5%]'

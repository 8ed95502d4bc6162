'use client'

import {
  ArrowDown,
  ArrowLeft,
  ArrowRight,
  ArrowUp,
  CaretsToAxisDashedHorizontal,
  CaretsToAxisDashedVertical,
  Minus,
  Move,
  Plus,
  RotateCcw,
  RotateCcwSquare,
  RotateCw,
  RotateCwSquare,
  ScanFace,
} from 'lucide-react'
import { useFormatter, useTranslations } from 'next-intl'
import { type ReactNode, useEffect, useId, useRef, useState } from 'react'
import { Button } from '@/components/ui/button'
import { cn } from '@/components/ui/cn'
import { Slider } from '@/components/ui/slider'
import { maxStraighten, maxZoom, sliderToZoom, straightened, zoomed, zoomToSlider } from './crop-geometry'
import { flip, nudge, straightenStep, tilt, turn, zoomBy } from './editor-actions'
import { IconButton } from './icon-button'
import { type Editor, useLive } from './use-editor'

interface ControlsProps {
  editor: Editor
  /** False while the image loads: the controls are disabled. */
  isReady: boolean
}

interface CropControlsProps extends ControlsProps {
  /** The person straightens the photo, or has ended. */
  onStraightening: (isStraightening: boolean) => void
}

/** Buttons and sliders for everything that dragging can do (WCAG 2.5.7). */
export function CropControls({ editor, isReady, onStraightening }: CropControlsProps) {
  const translate = useTranslations('crop.controls')
  const moreId = useId()
  const [isMoreOpen, setIsMoreOpen] = useState(false)
  const idle = !isReady

  return (
    <div className="flex flex-col gap-x-6 gap-y-2 short:gap-y-1 stacked:sm:grid stacked:sm:grid-cols-2 roomy:gap-y-5">
      <ZoomSlider editor={editor} isReady={isReady} />
      <StraightenSlider editor={editor} isReady={isReady} onStraightening={onStraightening} />
      <Group
        label={translate('fine')}
        id={moreId}
        className={cn('tight:justify-center', !isMoreOpen && 'tight:hidden')}
      >
        <IconButton
          label={translate('moveLeft')}
          Icon={ArrowLeft}
          disabled={idle}
          onClick={() => nudge(editor, 'left', 0.05)}
        />
        <IconButton
          label={translate('moveUp')}
          Icon={ArrowUp}
          disabled={idle}
          onClick={() => nudge(editor, 'up', 0.05)}
        />
        <IconButton
          label={translate('moveDown')}
          Icon={ArrowDown}
          disabled={idle}
          onClick={() => nudge(editor, 'down', 0.05)}
        />
        <IconButton
          label={translate('moveRight')}
          Icon={ArrowRight}
          disabled={idle}
          onClick={() => nudge(editor, 'right', 0.05)}
        />
        <IconButton
          label={translate('flipVertical')}
          Icon={CaretsToAxisDashedHorizontal}
          disabled={idle}
          onClick={() => flip(editor, 'vertical')}
        />
      </Group>
      <div className="flex items-center justify-between gap-1 stacked:sm:col-span-2 stacked:sm:justify-center roomy:grid roomy:grid-cols-2">
        <IconButton
          named
          label={translate('rotateLeft')}
          Icon={RotateCcwSquare}
          disabled={idle}
          onClick={() => turn(editor, 'left')}
        />
        <IconButton
          named
          label={translate('rotateRight')}
          Icon={RotateCwSquare}
          disabled={idle}
          onClick={() => turn(editor, 'right')}
        />
        <IconButton
          named
          label={translate('flipHorizontal')}
          Icon={CaretsToAxisDashedVertical}
          disabled={idle}
          onClick={() => flip(editor, 'horizontal')}
        />
        {editor.suggested && (
          <IconButton named label={translate('fitFace')} Icon={ScanFace} onClick={editor.fitSuggested} />
        )}
        <IconButton
          label={translate('fine')}
          Icon={Move}
          className="roomy:hidden"
          aria-expanded={isMoreOpen}
          aria-controls={moreId}
          onClick={() => setIsMoreOpen(!isMoreOpen)}
        />
        <Button look="quiet" className="roomy:justify-self-start" disabled={idle} onClick={editor.reset}>
          {translate('reset')}
        </Button>
      </div>
    </div>
  )
}

/** Percent of the slider's length per step. */
const sliderSteps = 100

function ZoomSlider({ editor, isReady }: ControlsProps) {
  const translate = useTranslations('crop.controls')
  const format = useFormatter()
  const zoom = useLive(editor, ({ now }) => now.view.zoom) ?? 1
  const most = Math.max(maxZoom, zoom)
  return (
    <Slider
      label={translate('zoom')}
      value={zoomToSlider(zoom, most) * sliderSteps}
      min={0}
      max={sliderSteps}
      step={1}
      valueText={format.number(zoom, { style: 'percent' })}
      disabled={!isReady}
      onValueChange={(place) =>
        editor.drag((view, subject) => zoomed(view, sliderToZoom(place / sliderSteps, most), subject))
      }
      onEnd={editor.settle}
      before={
        <IconButton
          label={translate('zoomOut')}
          Icon={Minus}
          disabled={!isReady}
          onClick={() => zoomBy(editor, 'out')}
        />
      }
      after={
        <IconButton label={translate('zoomIn')} Icon={Plus} disabled={!isReady} onClick={() => zoomBy(editor, 'in')} />
      }
    />
  )
}

/** Milliseconds that the lines stay after the last movement. */
const linesStay = 700

function StraightenSlider({ editor, isReady, onStraightening }: CropControlsProps) {
  const translate = useTranslations('crop.controls')
  const format = useFormatter()
  const degrees = useLive(editor, ({ now }) => now.view.straighten) ?? 0
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  useEffect(() => () => clearTimeout(timer.current), [])

  function showLines() {
    clearTimeout(timer.current)
    onStraightening(true)
  }

  return (
    <Slider
      label={translate('straighten')}
      value={degrees}
      min={-maxStraighten}
      max={maxStraighten}
      step={straightenStep}
      detent={0}
      valueText={format.number(degrees, { style: 'unit', unit: 'degree', unitDisplay: 'narrow' })}
      disabled={!isReady}
      onValueChange={(next) => {
        showLines()
        editor.drag((view, subject) => straightened(view, next, subject))
      }}
      onEnd={() => {
        editor.settle()
        clearTimeout(timer.current)
        timer.current = setTimeout(() => onStraightening(false), linesStay)
      }}
      before={
        <IconButton
          label={translate('tiltLeft')}
          Icon={RotateCcw}
          disabled={!isReady}
          onClick={() => tilt(editor, 'left')}
        />
      }
      after={
        <IconButton
          label={translate('tiltRight')}
          Icon={RotateCw}
          disabled={!isReady}
          onClick={() => tilt(editor, 'right')}
        />
      }
    />
  )
}

/** A named group of buttons. Their order follows the image, left to right, in every language. */
function Group({
  label,
  id,
  className,
  children,
}: {
  label: string
  id: string
  className: string
  children: ReactNode
}) {
  return (
    <fieldset id={id} className={className}>
      <legend className="font-medium text-xs tight:sr-only">{label}</legend>
      <div dir="ltr" className="flex justify-between gap-1 tight:justify-center">
        {children}
      </div>
    </fieldset>
  )
}

'use client'

import {
  ArrowDown,
  ArrowLeft,
  ArrowRight,
  ArrowUp,
  CaretsToAxisDashedHorizontal,
  CaretsToAxisDashedVertical,
  type LucideIcon,
  Minus,
  Plus,
  RotateCcwSquare,
  RotateCwSquare,
} from 'lucide-react'
import { useFormatter, useTranslations } from 'next-intl'
import type { ReactNode } from 'react'
import { Button } from '@/components/ui/button'
import { Slider } from '@/components/ui/slider'
import { maxZoom, rotated, signedDegrees, zoomed } from './crop-geometry'
import { flip, nudge, rotateBy, zoomIn, zoomOut } from './editor-actions'
import type { Editing, Editor } from './use-editor'

interface CropControlsProps {
  editor: Editor
  /** Null while the image loads: the controls are disabled. */
  editing: Editing | null
}

/** Buttons and sliders for everything that dragging can do (WCAG 2.5.7). */
export function CropControls({ editor, editing }: CropControlsProps) {
  const translate = useTranslations('crop.controls')
  const format = useFormatter()
  const zoom = editing?.view.zoom ?? 1
  const degrees = signedDegrees(editing?.view.rotate ?? 0)
  const idle = editing === null

  const button = (label: string, Icon: LucideIcon, press: () => void) => (
    <Button size="icon" aria-label={label} title={label} disabled={idle} onClick={press}>
      <Icon aria-hidden />
    </Button>
  )

  return (
    <div className="space-y-5">
      <Slider
        label={translate('zoom')}
        value={zoom}
        min={Math.min(1, zoom)}
        max={Math.max(maxZoom, zoom)}
        step={0.05}
        valueText={format.number(zoom, { style: 'percent' })}
        disabled={idle}
        onValueChange={(next) => editor.change((view, subject) => zoomed(view, next, subject))}
        before={button(translate('zoomOut'), Minus, () => zoomOut(editor))}
        after={button(translate('zoomIn'), Plus, () => zoomIn(editor))}
      />
      <Slider
        label={translate('rotate')}
        value={degrees}
        min={-180}
        max={180}
        step={0.5}
        filled={false}
        valueText={format.number(degrees, { style: 'unit', unit: 'degree', unitDisplay: 'narrow' })}
        disabled={idle}
        onValueChange={(next) => editor.change((view, subject) => rotated(view, next, subject))}
        before={button(translate('rotateLeft'), RotateCcwSquare, () => rotateBy(editor, -90))}
        after={button(translate('rotateRight'), RotateCwSquare, () => rotateBy(editor, 90))}
      />
      <div className="flex flex-wrap items-end justify-between gap-x-6 gap-y-5">
        <Group label={translate('move')}>
          {button(translate('moveLeft'), ArrowLeft, () => nudge(editor, 'left', 0.05))}
          {button(translate('moveUp'), ArrowUp, () => nudge(editor, 'up', 0.05))}
          {button(translate('moveDown'), ArrowDown, () => nudge(editor, 'down', 0.05))}
          {button(translate('moveRight'), ArrowRight, () => nudge(editor, 'right', 0.05))}
        </Group>
        <Group label={translate('flip')}>
          {button(translate('flipHorizontal'), CaretsToAxisDashedVertical, () => flip(editor, 'horizontal'))}
          {button(translate('flipVertical'), CaretsToAxisDashedHorizontal, () => flip(editor, 'vertical'))}
        </Group>
        <Button disabled={idle} onClick={editor.reset}>
          {translate('reset')}
        </Button>
      </div>
    </div>
  )
}

/** A labelled group of buttons. Their order follows the image, left to right, in every language. */
function Group({ label, children }: { label: string; children: ReactNode }) {
  return (
    <fieldset>
      <legend className="font-medium text-sm">{label}</legend>
      <div dir="ltr" className="mt-2 flex gap-2">
        {children}
      </div>
    </fieldset>
  )
}

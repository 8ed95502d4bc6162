import type { KeyboardEvent } from 'react'
import type { Flip } from '@/lib/images/schema'
import { frameWidth, mirrored, moved, rotated, zoomed } from './crop-geometry'
import type { Editor } from './use-editor'

const directions = {
  left: { x: -1, y: 0 },
  right: { x: 1, y: 0 },
  up: { x: 0, y: -1 },
  down: { x: 0, y: 1 },
}
type Direction = keyof typeof directions

/** Zoom factor of one press of a button or key. */
const zoomStep = 1.1

/** Moves the image by a share of the frame's width, at least one pixel. */
export function nudge(editor: Editor, direction: Direction, share: number) {
  editor.change((view, subject) => {
    const distance = Math.max(1, frameWidth(view, subject) * share)
    const { x, y } = directions[direction]
    return moved(view, { x: x * distance, y: y * distance }, subject)
  }, true)
}

export function zoomIn(editor: Editor) {
  editor.change((view, subject) => zoomed(view, view.zoom * zoomStep, subject), true)
}

export function zoomOut(editor: Editor) {
  editor.change((view, subject) => zoomed(view, view.zoom / zoomStep, subject), true)
}

export function rotateBy(editor: Editor, degrees: 90 | -90) {
  editor.change((view, subject) => rotated(view, view.rotate + degrees, subject), true)
}

export function flip(editor: Editor, axis: keyof Flip) {
  editor.change((view) => mirrored(view, axis), true)
}

const arrows: Record<string, Direction> = {
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ArrowUp: 'up',
  ArrowDown: 'down',
}

/** Handles a key press while the frame has the focus. */
export function pressKey(editor: Editor, event: KeyboardEvent) {
  // Leave Ctrl+R, Ctrl+0 and other browser shortcuts alone.
  if (event.ctrlKey || event.metaKey || event.altKey) return
  const direction = arrows[event.key]
  if (direction) nudge(editor, direction, event.shiftKey ? 0.1 : 0.01)
  else if (event.key === '+' || event.key === '=') zoomIn(editor)
  else if (event.key === '-' || event.key === '_') zoomOut(editor)
  else if (event.key === 'r' || event.key === 'R') rotateBy(editor, event.shiftKey ? -90 : 90)
  else if (event.key === '0') editor.reset()
  else return
  event.preventDefault()
}

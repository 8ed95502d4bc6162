import type { KeyboardEvent } from 'react'
import type { Flip } from '@/lib/images/schema'
import { frameWidth, mirrored, moved, type Point, straightened, turned, zoomed } from './crop-geometry'
import type { Direction } from './editor-state'
import type { Editor } from './use-editor'

const directions = {
  left: { x: -1, y: 0 },
  right: { x: 1, y: 0 },
  up: { x: 0, y: -1 },
  down: { x: 0, y: 1 },
}

/** Zoom factor of one press of a button or key. */
const zoomStep = 1.1

/** Zoom of a double click. */
const closeZoom = 2.5

/** Moves the image by a share of the frame's width, at least one pixel. */
export function nudge(editor: Editor, direction: Direction, share: number, isRepeat = false) {
  const { x, y } = directions[direction]
  editor.change(
    (view, subject) => {
      const distance = Math.max(1, frameWidth(view, subject) * share)
      return moved(view, { x: x * distance, y: y * distance }, subject)
    },
    { kind: 'moved', direction },
    isRepeat,
  )
}

export function zoomBy(editor: Editor, direction: 'in' | 'out', isRepeat = false) {
  const factor = direction === 'in' ? zoomStep : 1 / zoomStep
  editor.change((view, subject) => zoomed(view, view.zoom * factor, subject), { kind: 'zoom' }, isRepeat)
}

/** Zooms in about a point, or out if the image is zoomed in. */
export function toggleZoom(editor: Editor, pin: Point) {
  editor.change(
    (view, subject) => (view.zoom > 1.05 ? zoomed(view, 1, subject) : zoomed(view, closeZoom, subject, pin)),
    {
      kind: 'zoom',
    },
  )
}

export function turn(editor: Editor, direction: 'left' | 'right') {
  editor.change((view, subject) => turned(view, direction === 'left' ? -1 : 1, subject), { kind: 'turned', direction })
}

/** Straightens by one step of the slider. */
export function tilt(editor: Editor, direction: 'left' | 'right', isRepeat = false) {
  const step = direction === 'left' ? -straightenStep : straightenStep
  editor.change(
    (view, subject) => straightened(view, view.straighten + step, subject),
    { kind: 'straighten' },
    isRepeat,
  )
}

/** Degrees. */
export const straightenStep = 0.5

export function flip(editor: Editor, axis: keyof Flip) {
  editor.change((view) => mirrored(view, axis), { kind: 'flipped', axis })
}

const arrows: Record<string, Direction> = {
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ArrowUp: 'up',
  ArrowDown: 'down',
}

/** Handles a key press while the frame has the focus. */
export function pressKey(editor: Editor, event: KeyboardEvent, showHelp: () => void) {
  // Leave Ctrl+R, Ctrl+0 and other browser shortcuts alone.
  if (event.ctrlKey || event.metaKey || event.altKey) return
  const direction = arrows[event.key]
  const key = event.key.toLowerCase()
  if (direction) nudge(editor, direction, event.shiftKey ? 0.1 : 0.01, event.repeat)
  else if (key === '+' || key === '=') zoomBy(editor, 'in', event.repeat)
  else if (key === '-' || key === '_') zoomBy(editor, 'out', event.repeat)
  else if (key === ',' || key === '<') tilt(editor, 'left', event.repeat)
  else if (key === '.' || key === '>') tilt(editor, 'right', event.repeat)
  else if (key === 'r') turn(editor, event.shiftKey ? 'left' : 'right')
  else if (key === 'h') flip(editor, 'horizontal')
  else if (key === 'v') flip(editor, 'vertical')
  else if (key === '0') editor.reset()
  else if (key === '?') showHelp()
  else return
  event.preventDefault()
}

/** Undoes on Ctrl+Z or ⌘Z, redoes on Shift with these and on Ctrl+Y, except where people type or in a dialog. */
export function pressUndoKey(editor: Editor, event: globalThis.KeyboardEvent) {
  const elsewhere = 'input:not([type=range]), textarea, [role$=dialog]'
  const isElsewhere = event.target instanceof Element && event.target.closest(elsewhere)
  if (event.defaultPrevented || isElsewhere || event.altKey || !(event.ctrlKey || event.metaKey)) return
  const key = event.key.toLowerCase()
  if (key === 'z') event.shiftKey ? editor.redo() : editor.undo()
  else if (key === 'y' && !event.shiftKey) editor.redo()
  else return
  event.preventDefault()
}

import type { Size } from '@/lib/images/geometry'
import { angleOf, frameWidth, type Point, rotatePoint, type Subject, settled, type View } from './crop-geometry'

/** Least distance between frame and stage edge in CSS pixels, where the cut-off part of the image shows. */
const stageMargin = 20

/** Returns the size of the largest frame with this aspect that fits the stage, in CSS pixels. */
export function frameIn(stage: Size, aspect: number): Size {
  const width = Math.min(stage.width - 2 * stageMargin, (stage.height - 2 * stageMargin) * aspect)
  return { width, height: width / aspect }
}

/** Returns react-easy-crop's `crop`: the offset of the image's centre from the stage's centre, in CSS pixels. */
export function cropOf(view: View, subject: Subject, frame: Size): Point {
  const offset = rotatePoint(view, angleOf(view))
  const scale = frame.width / frameWidth(view, subject)
  return { x: -offset.x * scale, y: -offset.y * scale }
}

/** Returns the view for react-easy-crop's `crop`: the inverse of `cropOf`. */
export function viewAt(crop: Point, view: View, subject: Subject, frame: Size): View {
  const scale = frame.width / frameWidth(view, subject)
  const centre = rotatePoint({ x: -crop.x / scale, y: -crop.y / scale }, -angleOf(view))
  return settled({ ...view, ...centre }, subject)
}

/**
 * Returns the CSS transform that shows exactly the view in the frame, for an image in the middle of the stage.
 * Read from right to left: flip, scale, move, rotate (see lib/images/geometry.ts). It rotates about the frame's centre,
 * so that the animation of a turn does too.
 */
export function stageTransform(view: View, subject: Subject, frame: Size, stage: Size): string {
  const { image } = subject
  const scale = frame.width / frameWidth(view, subject)
  // react-easy-crop's "contain" layout fits the image into the stage and never enlarges it.
  const layoutScale = Math.min(1, stage.width / image.width, stage.height / image.height)
  return [
    `rotate(${angleOf(view)}deg)`,
    `translate(${-view.x * scale}px, ${-view.y * scale}px)`,
    `scale(${scale / layoutScale})`,
    flipScale(view),
  ].join(' ')
}

/** Returns the CSS transform, from the top left corner, that fills a box with the view. */
export function boxTransform(view: View, subject: Subject, boxWidth: number): string {
  const { image, aspect } = subject
  const scale = boxWidth / frameWidth(view, subject)
  return [
    `translate(${boxWidth / 2}px, ${boxWidth / aspect / 2}px)`,
    `rotate(${angleOf(view)}deg)`,
    `translate(${-view.x * scale}px, ${-view.y * scale}px)`,
    `scale(${scale})`,
    flipScale(view),
    `translate(${-image.width / 2}px, ${-image.height / 2}px)`,
  ].join(' ')
}

function flipScale({ flip }: View): string {
  return `scale(${flip.horizontal ? -1 : 1}, ${flip.vertical ? -1 : 1})`
}

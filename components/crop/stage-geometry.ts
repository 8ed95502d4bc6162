import type { Size } from '@/lib/images/geometry'
import type { Recipe } from '@/lib/images/schema'
import { areaOffset, frameWidth, type Point, rotatePoint, type Subject, settled, type View } from './crop-geometry'

/** Least distance between frame and stage edge in CSS pixels, where the cut-off part of the image shows. */
const stageMargin = 20

/** Returns the size of the largest frame with this aspect that fits the stage, in CSS pixels. */
export function frameIn(stage: Size, aspect: number): Size {
  const width = Math.min(stage.width - 2 * stageMargin, (stage.height - 2 * stageMargin) * aspect)
  return { width, height: width / aspect }
}

/** Returns react-easy-crop's `crop`: the offset of the image's centre from the stage's centre, in CSS pixels. */
export function cropOf(view: View, subject: Subject, frame: Size): Point {
  const offset = rotatePoint(view, view.rotate)
  const scale = frame.width / frameWidth(view, subject)
  return { x: -offset.x * scale, y: -offset.y * scale }
}

/** Returns the view for react-easy-crop's `crop`: the inverse of `cropOf`. */
export function viewAt(crop: Point, view: View, subject: Subject, frame: Size): View {
  const scale = frame.width / frameWidth(view, subject)
  const centre = rotatePoint({ x: -crop.x / scale, y: -crop.y / scale }, -view.rotate)
  return settled({ ...view, ...centre }, subject)
}

/**
 * Returns the CSS transform that shows exactly the recipe's area in the frame.
 * Read from right to left: flip, scale, rotate, move (see lib/images/geometry.ts).
 */
export function stageTransform(recipe: Recipe, image: Size, frame: Size, stage: Size): string {
  const scale = frame.width / recipe.area.width
  // react-easy-crop's "contain" layout fits the image into the stage and never enlarges it.
  const layoutScale = Math.min(1, stage.width / image.width, stage.height / image.height)
  const offset = areaOffset(recipe, image)
  return [
    `translate(${-offset.x * scale}px, ${-offset.y * scale}px)`,
    `rotate(${recipe.rotate}deg)`,
    `scale(${scale / layoutScale})`,
    flipScale(recipe),
  ].join(' ')
}

/** Returns the CSS transform, from the top left corner, that fills a box with the recipe's area. */
export function boxTransform(recipe: Recipe, image: Size, boxWidth: number): string {
  const { width, height } = recipe.area
  const offset = areaOffset(recipe, image)
  return [
    `scale(${boxWidth / width})`,
    `translate(${width / 2 - offset.x}px, ${height / 2 - offset.y}px)`,
    `rotate(${recipe.rotate}deg)`,
    flipScale(recipe),
    `translate(${-image.width / 2}px, ${-image.height / 2}px)`,
  ].join(' ')
}

function flipScale({ flip }: Recipe): string {
  return `scale(${flip.horizontal ? -1 : 1}, ${flip.vertical ? -1 : 1})`
}

import type { Size } from '@/lib/images/geometry'
import type { Recipe } from '@/lib/images/schema'
import { areaOffset, frameWidth, type Point, type Subject, settled, turn, type View } from './crop-geometry'

/** Between the frame and the edge of the stage, in CSS pixels: so much of what is cut off can be seen. */
const stageMargin = 20

/** The largest frame of that aspect that stands in the stage, in CSS pixels. */
export function frameIn(stage: Size, aspect: number): Size {
  const width = Math.min(stage.width - 2 * stageMargin, (stage.height - 2 * stageMargin) * aspect)
  return { width, height: width / aspect }
}

/** Where react-easy-crop has to put the picture: its centre from the stage's centre, in CSS pixels. */
export function cropOf(view: View, subject: Subject, frame: Size): Point {
  const offset = turn(view, view.rotate)
  const scale = frame.width / frameWidth(view, subject)
  return { x: -offset.x * scale, y: -offset.y * scale }
}

/** The view with the picture put where react-easy-crop wants it: the inverse of `cropOf`. */
export function viewAt(crop: Point, view: View, subject: Subject, frame: Size): View {
  const scale = frame.width / frameWidth(view, subject)
  const centre = turn({ x: -crop.x / scale, y: -crop.y / scale }, -view.rotate)
  return settled({ ...view, ...centre }, subject)
}

/**
 * The CSS transform that shows exactly a recipe's area in the frame.
 * Read from the right: flipped, then scaled, then turned, then moved (see lib/images/geometry.ts).
 */
export function stageTransform(recipe: Recipe, picture: Size, frame: Size, stage: Size): string {
  const scale = frame.width / recipe.area.width
  // react-easy-crop's "contain": laid out inside the stage, never larger than natural.
  const laidOut = Math.min(1, stage.width / picture.width, stage.height / picture.height)
  const offset = areaOffset(recipe, picture)
  return [
    `translate(${-offset.x * scale}px, ${-offset.y * scale}px)`,
    `rotate(${recipe.rotate}deg)`,
    `scale(${scale / laidOut})`,
    flipScale(recipe),
  ].join(' ')
}

/** The CSS transform of a picture at natural size, from its top left corner, that fills a box with the area. */
export function boxTransform(recipe: Recipe, picture: Size, boxWidth: number): string {
  const { width, height } = recipe.area
  const offset = areaOffset(recipe, picture)
  return [
    `scale(${boxWidth / width})`,
    `translate(${width / 2 - offset.x}px, ${height / 2 - offset.y}px)`,
    `rotate(${recipe.rotate}deg)`,
    flipScale(recipe),
    `translate(${-picture.width / 2}px, ${-picture.height / 2}px)`,
  ].join(' ')
}

function flipScale({ flip }: Recipe): string {
  return `scale(${flip.horizontal ? -1 : 1}, ${flip.vertical ? -1 : 1})`
}

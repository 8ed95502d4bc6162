import { boundingBox, canvasSize, centredRecipe, fitArea, hasAspect, isInside, type Size } from '@/lib/images/geometry'
import type { Flip, Recipe } from '@/lib/images/schema'

/**
 * What the editor moves, in fractions of pixels; a Recipe is its rounding to whole ones.
 * The frame stands still and upright on the screen, the flipped picture is turned under it.
 */
export interface View {
  /** The frame's centre in pixels of the flipped, not yet turned picture, from that picture's centre. */
  x: number
  y: number
  /** 1 is the largest frame that shows no empty corner at this turn. */
  zoom: number
  /** Degrees clockwise, −180 to 360: as the slider or the recipe has it. */
  rotate: number
  flip: Flip
}

/** What is cut: the upright picture's natural size, and the aspect (width ÷ height) of the frame. */
export interface Subject {
  picture: Size
  aspect: number
}

export interface Point {
  x: number
  y: number
}

/** Zoom goes this far: a face that fills a tenth of the photo's height fills the frame. */
export const maxZoom = 10

/** The point turned clockwise about the origin (y points down). */
export function turn({ x, y }: Point, degrees: number): Point {
  const sin = Math.sin((degrees * Math.PI) / 180)
  const cos = Math.cos((degrees * Math.PI) / 180)
  return { x: x * cos - y * sin, y: x * sin + y * cos }
}

/** Width in picture pixels of the largest frame that the picture covers, when turned by `rotate` degrees. */
function widest({ picture, aspect }: Subject, rotate: number): number {
  const box = boundingBox({ width: 1, height: 1 / aspect }, rotate)
  return Math.min(picture.width / box.width, picture.height / box.height)
}

/** Width of the frame in picture pixels. */
export function frameWidth(view: View, subject: Subject): number {
  return widest(subject, view.rotate) / view.zoom
}

/** Where a recipe's area lies from the canvas's centre, which is the picture's centre. */
export function areaOffset(recipe: Recipe, picture: Size): Point {
  const canvas = canvasSize(picture, recipe.rotate)
  const { x, y, width, height } = recipe.area
  return { x: x + width / 2 - canvas.width / 2, y: y + height / 2 - canvas.height / 2 }
}

/** The editor's state for a recipe, unrounded: `recipeOf` gives the same recipe back. */
export function viewOf(recipe: Recipe, subject: Subject): View {
  const { area, rotate, flip } = recipe
  const centre = turn(areaOffset(recipe, subject.picture), -rotate)
  return { ...centre, zoom: widest(subject, rotate) / area.width, rotate, flip }
}

/** The recipe that a view stands for: the nearest area in whole pixels of the canvas. */
export function recipeOf(view: View, subject: Subject): Recipe {
  const rotate = view.rotate < 0 ? view.rotate + 360 : view.rotate
  const canvas = canvasSize(subject.picture, rotate)
  const offset = turn(view, view.rotate)
  const wanted = {
    centreX: canvas.width / 2 + offset.x,
    centreY: canvas.height / 2 + offset.y,
    width: frameWidth(view, subject),
  }
  return { area: fitArea(wanted, subject.aspect, canvas), rotate, flip: view.flip }
}

/** The recipe the editor opens with: the given one where it fits this picture, else the centred one. */
export function openingRecipe(recipe: Recipe | null, { picture, aspect }: Subject): Recipe {
  const fits = recipe && isInside(recipe.area, canvasSize(picture, recipe.rotate)) && hasAspect(recipe.area, aspect)
  return fits ? recipe : centredRecipe(picture, aspect)
}

export function isSameRecipe(one: Recipe, other: Recipe): boolean {
  return (
    one.rotate === other.rotate &&
    one.flip.horizontal === other.flip.horizontal &&
    one.flip.vertical === other.flip.vertical &&
    one.area.x === other.area.x &&
    one.area.y === other.area.y &&
    one.area.width === other.area.width &&
    one.area.height === other.area.height
  )
}

/** The nearest view whose frame the picture covers: no empty corners. */
export function settled(view: View, subject: Subject): View {
  const zoom = Math.max(1, view.zoom)
  const width = widest(subject, view.rotate) / zoom
  const box = boundingBox({ width, height: width / subject.aspect }, view.rotate)
  const roomX = Math.max(0, (subject.picture.width - box.width) / 2)
  const roomY = Math.max(0, (subject.picture.height - box.height) / 2)
  return { ...view, zoom, x: clamp(view.x, -roomX, roomX), y: clamp(view.y, -roomY, roomY) }
}

/** Moves the picture under the frame, in picture pixels along the screen's axes. */
export function moved(view: View, by: Point, subject: Subject): View {
  const step = turn({ x: -by.x, y: -by.y }, -view.rotate)
  return settled({ ...view, x: view.x + step.x, y: view.y + step.y }, subject)
}

/** Zooms; `pin` stays where it is on the screen (picture pixels from the frame's centre). */
export function zoomed(view: View, wanted: number, subject: Subject, pin: Point = { x: 0, y: 0 }): View {
  const zoom = clamp(wanted, 1, Math.max(maxZoom, view.zoom))
  const share = 1 - view.zoom / zoom
  const step = turn({ x: pin.x * share, y: pin.y * share }, -view.rotate)
  return settled({ ...view, zoom, x: view.x + step.x, y: view.y + step.y }, subject)
}

/** Turns the picture about the frame's centre, to degrees clockwise, whole turns dropped. */
export function turned(view: View, degrees: number, subject: Subject): View {
  return settled({ ...view, rotate: signedDegrees(degrees) }, subject)
}

/** The same turn as people say it: −180 to 180. */
export function signedDegrees(degrees: number): number {
  if (degrees > 180) return degrees - 360
  return degrees < -180 ? degrees + 360 : degrees
}

/**
 * Mirrors what is on the screen. A recipe flips before it turns, so that a mirrored turn goes the other way:
 * else "flip horizontally" would flip a picture upside down that lies on its side.
 */
export function mirrored(view: View, axis: keyof Flip): View {
  const flip = { ...view.flip, [axis]: !view.flip[axis] }
  const rotate = view.rotate === 0 ? 0 : -signedDegrees(view.rotate)
  return axis === 'horizontal' ? { ...view, flip, rotate, x: -view.x } : { ...view, flip, rotate, y: -view.y }
}

function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(most, value))
}

import { boundingBox, canvasSize, centredRecipe, fitArea, hasAspect, isInside, type Size } from '@/lib/images/geometry'
import type { Flip, Recipe } from '@/lib/images/schema'

/**
 * The editor's state in fractions of pixels. A Recipe is its rounding to whole pixels.
 * The frame stays still and upright on the screen; the flipped image rotates under it.
 */
export interface View {
  /** The frame's centre in pixels of the flipped, unrotated image, relative to the image's centre. */
  x: number
  y: number
  /** 1 is the largest frame without an empty corner at this rotation. */
  zoom: number
  /** Degrees clockwise, −180 to 360 (the ranges of the slider and of a recipe). */
  rotate: number
  flip: Flip
}

/** The image to crop: its upright natural size, and the frame's aspect (width ÷ height). */
export interface Subject {
  image: Size
  aspect: number
}

export interface Point {
  x: number
  y: number
}

/** At this zoom, a face that fills a tenth of the photo's height fills the frame. */
export const maxZoom = 10

/** Rotates a point clockwise about the origin (y points down). */
export function rotatePoint({ x, y }: Point, degrees: number): Point {
  const sin = Math.sin((degrees * Math.PI) / 180)
  const cos = Math.cos((degrees * Math.PI) / 180)
  return { x: x * cos - y * sin, y: x * sin + y * cos }
}

/** Returns the width, in image pixels, of the largest frame that the image covers at this rotation. */
function maxFrameWidth({ image, aspect }: Subject, rotate: number): number {
  const box = boundingBox({ width: 1, height: 1 / aspect }, rotate)
  return Math.min(image.width / box.width, image.height / box.height)
}

/** Returns the width of the frame in image pixels. */
export function frameWidth(view: View, subject: Subject): number {
  return maxFrameWidth(subject, view.rotate) / view.zoom
}

/** Returns the offset of the area's centre from the canvas's centre, which is the image's centre. */
export function areaOffset(recipe: Recipe, image: Size): Point {
  const canvas = canvasSize(image, recipe.rotate)
  const { x, y, width, height } = recipe.area
  return { x: x + width / 2 - canvas.width / 2, y: y + height / 2 - canvas.height / 2 }
}

/** Returns the exact view of a recipe: `recipeOf(viewOf(recipe))` is the same recipe. */
export function viewOf(recipe: Recipe, subject: Subject): View {
  const { area, rotate, flip } = recipe
  const centre = rotatePoint(areaOffset(recipe, subject.image), -rotate)
  return { ...centre, zoom: maxFrameWidth(subject, rotate) / area.width, rotate, flip }
}

/** Returns the recipe nearest to a view: its area is in whole pixels of the canvas. */
export function recipeOf(view: View, subject: Subject): Recipe {
  const rotate = view.rotate < 0 ? view.rotate + 360 : view.rotate
  const canvas = canvasSize(subject.image, rotate)
  const offset = rotatePoint(view, view.rotate)
  const frame = {
    centreX: canvas.width / 2 + offset.x,
    centreY: canvas.height / 2 + offset.y,
    width: frameWidth(view, subject),
  }
  return { area: fitArea(frame, subject.aspect, canvas), rotate, flip: view.flip }
}

/** Returns the recipe to open with: `recipe` if it fits this image, else the centred one. */
export function openingRecipe(recipe: Recipe | null, { image, aspect }: Subject): Recipe {
  const fits = recipe && isInside(recipe.area, canvasSize(image, recipe.rotate)) && hasAspect(recipe.area, aspect)
  return fits ? recipe : centredRecipe(image, aspect)
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

/** Returns the nearest view whose frame the image covers, without empty corners. */
export function settled(view: View, subject: Subject): View {
  const zoom = Math.max(1, view.zoom)
  const width = maxFrameWidth(subject, view.rotate) / zoom
  const box = boundingBox({ width, height: width / subject.aspect }, view.rotate)
  const roomX = Math.max(0, (subject.image.width - box.width) / 2)
  const roomY = Math.max(0, (subject.image.height - box.height) / 2)
  return { ...view, zoom, x: clamp(view.x, -roomX, roomX), y: clamp(view.y, -roomY, roomY) }
}

/** Moves the image under the frame, by image pixels along the screen's axes. */
export function moved(view: View, by: Point, subject: Subject): View {
  const step = rotatePoint({ x: -by.x, y: -by.y }, -view.rotate)
  return settled({ ...view, x: view.x + step.x, y: view.y + step.y }, subject)
}

/** Zooms about `pin`, a point that stays in place (image pixels from the frame's centre). */
export function zoomed(view: View, target: number, subject: Subject, pin: Point = { x: 0, y: 0 }): View {
  const zoom = clamp(target, 1, Math.max(maxZoom, view.zoom))
  const share = 1 - view.zoom / zoom
  const step = rotatePoint({ x: pin.x * share, y: pin.y * share }, -view.rotate)
  return settled({ ...view, zoom, x: view.x + step.x, y: view.y + step.y }, subject)
}

/** Rotates the image about the frame's centre to an angle in degrees clockwise. */
export function rotated(view: View, degrees: number, subject: Subject): View {
  return settled({ ...view, rotate: signedDegrees(degrees) }, subject)
}

/** Normalizes an angle to −180 to 180 degrees. */
export function signedDegrees(degrees: number): number {
  if (degrees > 180) return degrees - 360
  return degrees < -180 ? degrees + 360 : degrees
}

/**
 * Mirrors the image as seen on the screen. A recipe flips before it rotates, so the rotation changes its sign.
 * Otherwise "flip horizontally" would turn an image that lies on its side upside down.
 */
export function mirrored(view: View, axis: keyof Flip): View {
  const flip = { ...view.flip, [axis]: !view.flip[axis] }
  const rotate = view.rotate === 0 ? 0 : -signedDegrees(view.rotate)
  return axis === 'horizontal' ? { ...view, flip, rotate, x: -view.x } : { ...view, flip, rotate, y: -view.y }
}

function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(most, value))
}

import { boundingBox, canvasSize, fitArea, hasAspect, isInside, type Size } from '@/lib/images/geometry'
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
  /** Quarter turns clockwise, not limited to a circle: the animation of a turn goes the short way. */
  turns: number
  /** Degrees clockwise on top of the quarter turns, −45 to 45. */
  straighten: number
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

/** The limit of straightening, in degrees to both sides. */
export const maxStraighten = 45

/** Returns the rotation of a view in degrees clockwise. It may be negative or more than a circle. */
export function angleOf({ turns, straighten }: Pick<View, 'turns' | 'straighten'>): number {
  return 90 * turns + straighten
}

/** Splits a rotation into the nearest quarter turn and the rest, which is straightening. */
export function splitAngle(degrees: number): Pick<View, 'turns' | 'straighten'> {
  // `+ 0` turns −0 into 0.
  const turns = Math.ceil(degrees / 90 - 0.5) + 0
  return { turns, straighten: degrees - 90 * turns }
}

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
  return maxFrameWidth(subject, angleOf(view)) / view.zoom
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
  return { ...centre, zoom: maxFrameWidth(subject, rotate) / area.width, ...splitAngle(rotate), flip }
}

/** Returns the recipe nearest to a view: its area is in whole pixels of the canvas. */
export function recipeOf(view: View, subject: Subject): Recipe {
  const signed = 90 * (((view.turns % 4) + 4) % 4) + view.straighten
  const rotate = signed < 0 ? (signed + 360) % 360 : signed
  const canvas = canvasSize(subject.image, rotate)
  const offset = rotatePoint(view, rotate)
  const frame = {
    centreX: canvas.width / 2 + offset.x,
    centreY: canvas.height / 2 + offset.y,
    width: frameWidth(view, subject),
  }
  return { area: fitArea(frame, subject.aspect, canvas), rotate, flip: view.flip }
}

/** Returns the recipe to open with: `recipe` if it fits this image, else the default one. */
export function openingRecipe(recipe: Recipe | null, subject: Subject): Recipe {
  return recipe && fits(recipe, subject) ? recipe : defaultRecipe(subject)
}

/** Returns whether a recipe is possible for this image. */
export function fits({ area, rotate }: Recipe, { image, aspect }: Subject): boolean {
  return isInside(area, canvasSize(image, rotate)) && hasAspect(area, aspect)
}

/**
 * Returns the largest upright area. If the image is taller, the area lies about the line between its upper thirds, where
 * photographers place a face.
 */
export function defaultRecipe({ image, aspect }: Subject): Recipe {
  const wanted = { centreX: image.width / 2, centreY: image.height / 3, width: image.width }
  return { area: fitArea(wanted, aspect, image), rotate: 0, flip: { horizontal: false, vertical: false } }
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
  const angle = angleOf(view)
  const width = maxFrameWidth(subject, angle) / zoom
  const box = boundingBox({ width, height: width / subject.aspect }, angle)
  const roomX = Math.max(0, (subject.image.width - box.width) / 2)
  const roomY = Math.max(0, (subject.image.height - box.height) / 2)
  return { ...view, zoom, x: clamp(view.x, -roomX, roomX), y: clamp(view.y, -roomY, roomY) }
}

/** Moves the image under the frame, by image pixels along the screen's axes. */
export function moved(view: View, by: Point, subject: Subject): View {
  const step = rotatePoint({ x: -by.x, y: -by.y }, -angleOf(view))
  return settled({ ...view, x: view.x + step.x, y: view.y + step.y }, subject)
}

/** Zooms about `pin`, a point that stays in place (image pixels from the frame's centre). */
export function zoomed(view: View, target: number, subject: Subject, pin: Point = { x: 0, y: 0 }): View {
  const zoom = clamp(target, 1, Math.max(maxZoom, view.zoom))
  const share = 1 - view.zoom / zoom
  const step = rotatePoint({ x: pin.x * share, y: pin.y * share }, -angleOf(view))
  return settled({ ...view, zoom, x: view.x + step.x, y: view.y + step.y }, subject)
}

/** Turns the image about the frame's centre by quarter turns clockwise. */
export function turned(view: View, turns: number, subject: Subject): View {
  return settled({ ...view, turns: view.turns + turns }, subject)
}

/** Straightens the image about the frame's centre to an angle in degrees clockwise, on top of its quarter turns. */
export function straightened(view: View, degrees: number, subject: Subject): View {
  return settled({ ...view, straighten: clamp(degrees, -maxStraighten, maxStraighten) }, subject)
}

/**
 * Mirrors the image as seen on the screen. A recipe flips before it rotates, so the rotation changes its sign.
 * Otherwise "flip horizontally" would turn an image that lies on its side upside down.
 */
export function mirrored(view: View, axis: keyof Flip): View {
  const flip = { ...view.flip, [axis]: !view.flip[axis] }
  const rotation = { turns: 0 - view.turns, straighten: 0 - view.straighten }
  return axis === 'horizontal' ? { ...view, flip, ...rotation, x: -view.x } : { ...view, flip, ...rotation, y: -view.y }
}

/** Counts the quarter turns so that an animation from another view goes the short way. */
export function turnedNear(view: View, from: View): View {
  return { ...view, turns: view.turns + 4 * Math.round((angleOf(from) - angleOf(view)) / 360) }
}

/**
 * Returns where a zoom lies on a slider from 0 to 1. Equal steps of the slider multiply the zoom by the same factor.
 * @param most the zoom at the end of the slider
 */
export function zoomToSlider(zoom: number, most: number): number {
  return clamp(Math.log(zoom) / Math.log(most), 0, 1)
}

/** Returns the zoom for a place on a slider from 0 to 1. */
export function sliderToZoom(place: number, most: number): number {
  return most ** place
}

function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(most, value))
}

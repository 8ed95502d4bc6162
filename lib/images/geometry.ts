import type { Area, Recipe } from './schema'

/**
 * The one place that knows the crop's geometry; the editor and the image engine both use it.
 * The upright original is flipped, then turned clockwise about its centre. The canvas is the bounding
 * box of the result, rounded up; the picture's centre is the canvas's centre.
 */
export interface Size {
  width: number
  height: number
}

/** Sines of whole right angles are off by 1e-16: that must not add a pixel. */
const roundUp = (pixels: number) => Math.ceil(pixels - 1e-6)

const radians = (degrees: number) => (degrees * Math.PI) / 180

/** The bounding box of a turned rectangle in fractional pixels. */
export function boundingBox({ width, height }: Size, rotateDegrees: number): Size {
  const sin = Math.abs(Math.sin(radians(rotateDegrees)))
  const cos = Math.abs(Math.cos(radians(rotateDegrees)))
  return { width: width * cos + height * sin, height: width * sin + height * cos }
}

/** The canvas in whole pixels that a recipe's area lies in. */
export function canvasSize(upright: Size, rotateDegrees: number): Size {
  const box = boundingBox(upright, rotateDegrees)
  return { width: roundUp(box.width), height: roundUp(box.height) }
}

/** Whether an area lies inside the canvas. */
export function isInside(area: Area, canvas: Size): boolean {
  return area.x + area.width <= canvas.width && area.y + area.height <= canvas.height
}

/** Whether an area has the aspect (width ÷ height), give or take one pixel of either side. */
export function hasAspect(area: Size, aspect: number): boolean {
  return Math.abs(area.width - area.height * aspect) <= 1 || Math.abs(area.height - area.width / aspect) <= 1
}

/**
 * The area in whole pixels nearest to a fractional one that has the aspect and lies inside the canvas.
 * @param wanted centre and width in fractional canvas pixels
 */
export function fitArea(
  wanted: { centreX: number; centreY: number; width: number },
  aspect: number,
  canvas: Size,
): Area {
  const widest = Math.max(1, Math.min(canvas.width, Math.floor(canvas.height * aspect + 1e-6)))
  const width = clamp(Math.round(wanted.width), 1, widest)
  const height = clamp(Math.round(width / aspect), 1, canvas.height)
  return {
    x: clamp(Math.round(wanted.centreX - width / 2), 0, canvas.width - width),
    y: clamp(Math.round(wanted.centreY - height / 2), 0, canvas.height - height),
    width,
    height,
  }
}

/** The recipe that cuts the largest area out of the middle, unturned. */
export function centredRecipe(upright: Size, aspect: number): Recipe {
  const wanted = { centreX: upright.width / 2, centreY: upright.height / 2, width: upright.width }
  return { area: fitArea(wanted, aspect, upright), rotate: 0, flip: { horizontal: false, vertical: false } }
}

function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(most, value))
}

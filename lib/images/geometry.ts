import type { Area } from './schema'

/**
 * The geometry of a crop, for the editor and the image engine. The upright original is flipped, then rotated clockwise
 * around its centre. The canvas is the bounding box of the result, rounded up to whole pixels, with the same centre.
 */
export interface Size {
  width: number
  height: number
}

/** Rounds up, ignoring the error of 1e-16 in the sines of right angles, which would add a pixel. */
const roundUp = (pixels: number) => Math.ceil(pixels - 1e-6)

const radians = (degrees: number) => (degrees * Math.PI) / 180

/** Returns the bounding box of a rotated rectangle in fractional pixels. */
export function boundingBox({ width, height }: Size, rotateDegrees: number): Size {
  const sin = Math.abs(Math.sin(radians(rotateDegrees)))
  const cos = Math.abs(Math.cos(radians(rotateDegrees)))
  return { width: width * cos + height * sin, height: width * sin + height * cos }
}

/** Returns the size in whole pixels of the canvas that contains a recipe's area. */
export function canvasSize(upright: Size, rotateDegrees: number): Size {
  const box = boundingBox(upright, rotateDegrees)
  return { width: roundUp(box.width), height: roundUp(box.height) }
}

/** Returns whether an area lies inside the canvas. */
export function isInside(area: Area, canvas: Size): boolean {
  return area.x + area.width <= canvas.width && area.y + area.height <= canvas.height
}

/** Returns whether an area has the aspect (width ÷ height), within one pixel of width or height. */
export function hasAspect(area: Size, aspect: number): boolean {
  return Math.abs(area.width - area.height * aspect) <= 1 || Math.abs(area.height - area.width / aspect) <= 1
}

/**
 * Returns the area in whole pixels that is nearest to `wanted`, has the aspect, and lies inside the canvas.
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

function clamp(value: number, min: number, max: number): number {
  return Math.max(min, Math.min(max, value))
}

import { boundingBox, canvasSize, type Size } from '@/lib/images/geometry'
import type { Area, Recipe } from '@/lib/images/schema'
import type { AffineTransform } from './affine'
import { composeOrientation, type Orientation, orientedSize, unorientedArea } from './orientation'

/** How to extract a recipe's area from the stored pixels, with no more pixels than necessary. */
export interface ExtractPlan {
  /** The area of the stored pixels to read. */
  source: Area
  /** The minimum size at which to read the source, as stored. */
  minSize: Size
  /** Combines the stored orientation, the flip and the right angles of the rotation. */
  orientation: Orientation
  /** The remaining rotation, by at most 45 degrees; null if it consists of right angles only. */
  rotation: Rotation | null
}

interface Rotation {
  degrees: number
  /** The oriented source, in pixels of the oriented picture. */
  source: Area
  /** Size of the oriented picture. */
  picture: Size
  canvas: Size
  /** The recipe's area, in pixels of the canvas. */
  area: Area
}

/** Radius in pixels that bicubic interpolation reads around a pixel. */
const interpolationRadius = 3

/**
 * Plans how to extract a recipe's area.
 * @param stored size of the picture as stored
 * @param upright orientation that makes the stored pixels upright
 * @param minSize minimum size of the result, unless the area itself has fewer pixels
 */
export function planExtract(stored: Size, upright: Orientation, recipe: Recipe, minSize: Size): ExtractPlan {
  const { area } = recipe
  const quarterTurns = Math.round(recipe.rotate / 90)
  const degrees = recipe.rotate - quarterTurns * 90
  const orientation = composeOrientation(upright, recipe.flip, quarterTurns % 4)
  if (degrees === 0) {
    const source = unorientedArea(area, orientation, stored)
    return { source, minSize: orientedSize(minSize, orientation), orientation, rotation: null }
  }
  const picture = orientedSize(stored, orientation)
  const canvas = canvasSize(orientedSize(stored, upright), recipe.rotate)
  const scale = Math.min(1, Math.max(minSize.width / area.width, minSize.height / area.height))
  const source = sourceBox(area, canvas, picture, degrees, interpolationRadius / scale + 1)
  const sourceSize = { width: Math.ceil(source.width * scale), height: Math.ceil(source.height * scale) }
  return {
    source: unorientedArea(source, orientation, stored),
    minSize: orientedSize(sourceSize, orientation),
    orientation,
    rotation: { degrees, source, picture, canvas, area },
  }
}

/** Returns the upright box of the picture that covers a rotated area of the canvas plus a margin; at least one pixel. */
function sourceBox(area: Area, canvas: Size, picture: Size, degrees: number, margin: number): Area {
  const [sin, cos] = sinCos(degrees)
  const dx = area.x + area.width / 2 - canvas.width / 2
  const dy = area.y + area.height / 2 - canvas.height / 2
  const box = boundingBox(area, degrees)
  const [x, width] = pixelRange(dx * cos + dy * sin + picture.width / 2, box.width / 2 + margin, picture.width)
  const [y, height] = pixelRange(dy * cos - dx * sin + picture.height / 2, box.height / 2 + margin, picture.height)
  return { x, y, width, height }
}

/** Returns the whole pixels within `radius` of `centre` on an axis of the given length. */
function pixelRange(centre: number, radius: number, axisLength: number): [start: number, length: number] {
  const start = Math.max(0, Math.min(axisLength - 1, Math.floor(centre - radius)))
  const end = Math.max(start + 1, Math.min(axisLength, Math.ceil(centre + radius)))
  return [start, end - start]
}

/**
 * Returns the transform from the oriented source to the extracted area, and that area's size at the source's scale.
 * @param read size at which the oriented source was read
 */
export function rotationTransform(
  { degrees, source, picture, canvas, area }: Rotation,
  read: Size,
): { transform: AffineTransform; size: Size } {
  const [sin, cos] = sinCos(degrees)
  // Pixels of the picture per pixel that was read.
  const [perX, perY] = [source.width / read.width, source.height / read.height]
  const scale = 1 / Math.max(perX, perY)
  const width = Math.max(1, Math.round(area.width * scale))
  const height = Math.max(1, Math.round(area.height * scale))
  const [scaleX, scaleY] = [width / area.width, height / area.height]
  // From the centre, which picture and canvas share, to the start of the source.
  const [dx, dy] = [source.x - picture.width / 2, source.y - picture.height / 2]
  const matrix = [scaleX * cos * perX, -scaleX * sin * perY, scaleY * sin * perX, scaleY * cos * perY] as const
  const x0 = scaleX * (cos * dx - sin * dy + canvas.width / 2 - area.x)
  const y0 = scaleY * (sin * dx + cos * dy + canvas.height / 2 - area.y)
  return { size: { width, height }, transform: { matrix, offset: [x0, y0] } }
}

function sinCos(degrees: number): [sin: number, cos: number] {
  const radians = (degrees * Math.PI) / 180
  return [Math.sin(radians), Math.cos(radians)]
}

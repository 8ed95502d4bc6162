import { boundingBox, canvasSize, type Size } from '@/lib/images/geometry'
import type { Area, Recipe } from '@/lib/images/schema'
import type { AffineMap } from './affine'
import { type Orientation, orientedSize, turnedOn, unorientedArea } from './orientation'

/** How a recipe's area is cut out of the stored pixels, at the size that is needed and not more. */
export interface CutPlan {
  /** What to read of the stored pixels. */
  source: Area
  /** The size, as stored, that the source is needed at. */
  least: Size
  /** How what was read is laid: upright, flipped, turned by right angles. */
  orientation: Orientation
  /** What is left to turn, by less than half a right angle; null where right angles were all. */
  turn: Turn | null
}

interface Turn {
  degrees: number
  /** The source, laid; in pixels of the whole picture, laid. */
  source: Area
  picture: Size
  canvas: Size
  /** In pixels of the canvas. */
  area: Area
}

/** Pixels that interpolation looks at around the one it makes. */
const reach = 3

/**
 * Plans the cut of a recipe.
 * @param stored the picture as it is stored, and what makes it upright
 * @param least size that the cut must have, unless the area itself has fewer pixels
 */
export function planCut(stored: Size, uprighting: Orientation, recipe: Recipe, least: Size): CutPlan {
  const quarterTurns = Math.round(recipe.rotate / 90)
  const degrees = recipe.rotate - quarterTurns * 90
  const orientation = turnedOn(uprighting, recipe.flip, quarterTurns % 4)
  if (degrees === 0) {
    const source = unorientedArea(recipe.area, orientation, stored)
    return { source, least: orientedSize(least, orientation), orientation, turn: null }
  }
  const { area } = recipe
  const picture = orientedSize(stored, orientation)
  const canvas = canvasSize(orientedSize(stored, uprighting), recipe.rotate)
  const scale = Math.min(1, Math.max(least.width / area.width, least.height / area.height))
  const source = beneath(area, canvas, picture, degrees, reach / scale + 1)
  const sourceSize = { width: Math.ceil(source.width * scale), height: Math.ceil(source.height * scale) }
  return {
    source: unorientedArea(source, orientation, stored),
    least: orientedSize(sourceSize, orientation),
    orientation,
    turn: { degrees, source, picture, canvas, area },
  }
}

/** The upright box of the picture that an area of the canvas shows a turned part of, with a margin; at least a pixel. */
function beneath(area: Area, canvas: Size, picture: Size, degrees: number, margin: number): Area {
  const [sin, cos] = sinCos(degrees)
  const awayX = area.x + area.width / 2 - canvas.width / 2
  const awayY = area.y + area.height / 2 - canvas.height / 2
  const box = boundingBox(area, degrees)
  const [x, width] = within(awayX * cos + awayY * sin + picture.width / 2, box.width / 2 + margin, picture.width)
  const [y, height] = within(awayY * cos - awayX * sin + picture.height / 2, box.height / 2 + margin, picture.height)
  return { x, y, width, height }
}

/** From where and how many whole pixels of an axis lie around its middle. */
function within(middle: number, half: number, length: number): [from: number, length: number] {
  const from = Math.max(0, Math.min(length - 1, Math.floor(middle - half)))
  const to = Math.max(from + 1, Math.min(length, Math.ceil(middle + half)))
  return [from, to - from]
}

/**
 * Where the source's pixels, laid, belong in the cut, and the cut's size: of the same scale as they are.
 * @param laid size that the source was read at
 */
export function mapTurn({ degrees, source, picture, canvas, area }: Turn, laid: Size): { map: AffineMap; size: Size } {
  const [sin, cos] = sinCos(degrees)
  // Source pixels, laid, per pixel that was read.
  const [perX, perY] = [source.width / laid.width, source.height / laid.height]
  const scale = 1 / Math.max(perX, perY)
  const size = {
    width: Math.max(1, Math.round(area.width * scale)),
    height: Math.max(1, Math.round(area.height * scale)),
  }
  const [scaleX, scaleY] = [size.width / area.width, size.height / area.height]
  // From the picture's middle, which is the canvas's, to where the source begins; turned.
  const [fromX, fromY] = [source.x - picture.width / 2, source.y - picture.height / 2]
  return {
    size,
    map: {
      matrix: [scaleX * cos * perX, -scaleX * sin * perY, scaleY * sin * perX, scaleY * cos * perY],
      offset: [
        scaleX * (cos * fromX - sin * fromY + canvas.width / 2 - area.x),
        scaleY * (sin * fromX + cos * fromY + canvas.height / 2 - area.y),
      ],
    },
  }
}

function sinCos(degrees: number): [sin: number, cos: number] {
  const radians = (degrees * Math.PI) / 180
  return [Math.sin(radians), Math.cos(radians)]
}

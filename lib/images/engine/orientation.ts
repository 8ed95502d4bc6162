import type { Size } from '@/lib/images/geometry'
import type { Area, Flip } from '@/lib/images/schema'

/**
 * How a rectangle lies, one of eight ways: mirrored left to right first, or not, then turned clockwise by right angles.
 * EXIF's orientation, a flip, and a turn by right angles are all of this kind, and so is what they come to together.
 */
export interface Orientation {
  mirrored: boolean
  /** 0 to 3. */
  quarterTurns: number
}

/** What makes stored pixels upright: EXIF 2.32, table of the tag Orientation. */
const byExif: readonly Orientation[] = [
  { mirrored: false, quarterTurns: 0 },
  { mirrored: true, quarterTurns: 0 },
  { mirrored: false, quarterTurns: 2 },
  { mirrored: true, quarterTurns: 2 },
  { mirrored: true, quarterTurns: 3 },
  { mirrored: false, quarterTurns: 1 },
  { mirrored: true, quarterTurns: 1 },
  { mirrored: false, quarterTurns: 3 },
]

/** What makes a picture of that EXIF orientation upright. A number that EXIF does not know is none. */
export function uprighting(exif: number | undefined): Orientation {
  return byExif[(exif ?? 1) - 1] ?? (byExif[0] as Orientation)
}

/** One orientation, then a flip, then right angles clockwise, as one. */
export function turnedOn(first: Orientation, flip: Flip, quarterTurns: number): Orientation {
  // Top to bottom is left to right, turned by half.
  const isMirror = flip.horizontal !== flip.vertical
  const turns = (flip.vertical ? 2 : 0) + quarterTurns
  // A mirror behind a turn is the same mirror before the turn the other way.
  const turned = isMirror ? turns - first.quarterTurns : turns + first.quarterTurns
  return { mirrored: first.mirrored !== isMirror, quarterTurns: (turned + 4) % 4 }
}

/** The size that pixels have once they lie so, and just as well the one they had before. */
export function orientedSize({ width, height }: Size, { quarterTurns }: Orientation): Size {
  return quarterTurns % 2 === 0 ? { width, height } : { width: height, height: width }
}

/** Where an area of oriented pixels lies among pixels of this size that are not oriented yet. */
export function unorientedArea(area: Area, { mirrored, quarterTurns }: Orientation, { width, height }: Size): Area {
  const unturned = unturnedArea(area, quarterTurns, { width, height })
  return mirrored ? { ...unturned, x: width - unturned.x - unturned.width } : unturned
}

function unturnedArea({ x, y, width: w, height: h }: Area, quarterTurns: number, { width, height }: Size): Area {
  switch (quarterTurns) {
    case 1:
      return { x: y, y: height - x - w, width: h, height: w }
    case 2:
      return { x: width - x - w, y: height - y - h, width: w, height: h }
    case 3:
      return { x: width - y - h, y: x, width: h, height: w }
    default:
      return { x, y, width: w, height: h }
  }
}

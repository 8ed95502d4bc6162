import type { Size } from '@/lib/images/geometry'
import type { Area, Flip } from '@/lib/images/schema'

/**
 * One of the eight orientations of a rectangle: an optional left-to-right mirror, then clockwise quarter turns. An EXIF
 * orientation, a flip, a turn by right angles and any combination of them have this form.
 */
export interface Orientation {
  mirrored: boolean
  /** 0 to 3. */
  quarterTurns: number
}

/** The transformations that make stored pixels upright: EXIF 2.32, table of the tag Orientation. */
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

/** Returns the transformation that makes a picture with this EXIF tag upright. Unknown values change nothing. */
export function orientationFromExif(exif: number | undefined): Orientation {
  return byExif[(exif ?? 1) - 1] ?? (byExif[0] as Orientation)
}

/** Combines an orientation, then a flip, then clockwise quarter turns into one orientation. */
export function composeOrientation(first: Orientation, flip: Flip, quarterTurns: number): Orientation {
  // A vertical flip is a horizontal flip plus a half turn.
  const isMirror = flip.horizontal !== flip.vertical
  const turns = (flip.vertical ? 2 : 0) + quarterTurns
  // A mirror after a turn equals the same mirror before the opposite turn.
  const combinedTurns = isMirror ? turns - first.quarterTurns : turns + first.quarterTurns
  return { mirrored: first.mirrored !== isMirror, quarterTurns: (combinedTurns + 4) % 4 }
}

/** Returns the size after an orientation, or before it: either way it only swaps the sides. */
export function orientedSize({ width, height }: Size, { quarterTurns }: Orientation): Size {
  return quarterTurns % 2 === 0 ? { width, height } : { width: height, height: width }
}

/** Maps an area of oriented pixels back to the pixels before the orientation, which have the given size. */
export function unorientedArea(area: Area, { mirrored, quarterTurns }: Orientation, { width, height }: Size): Area {
  const unrotated = unrotatedArea(area, quarterTurns, { width, height })
  return mirrored ? { ...unrotated, x: width - unrotated.x - unrotated.width } : unrotated
}

function unrotatedArea({ x, y, width: w, height: h }: Area, quarterTurns: number, { width, height }: Size): Area {
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

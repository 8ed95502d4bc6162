import type { Size } from '@/lib/images/geometry'
import type { Face } from './blazeface'

/** A square of the picture, in its pixels. It may reach beyond the picture. */
export interface Region {
  x: number
  y: number
  side: number
}

/** Side of a detail, in shares of the picture's shorter side. */
const detailShare = 2 / 3
/** The part of a detail that the next one does not repeat. A face smaller than the rest is whole in one of them. */
const stepShare = 0.6

/** Room beside faces, in widths of the largest one. */
const roomInFaces = 3

/** Returns the square that contains the whole picture with the picture in its middle. */
export function wholePicture({ width, height }: Size, margin = 0): Region {
  const side = Math.max(width, height) * (1 + margin)
  return { x: (width - side) / 2, y: (height - side) / 2, side }
}

/** Returns overlapping squares that cover the picture, to find faces that are too small in the whole. */
export function details({ width, height }: Size): Region[] {
  const side = Math.min(width, height) * detailShare
  return starts(height, side).flatMap((y) => starts(width, side).map((x) => ({ x, y, side })))
}

/** Returns the square around faces, with room for others beside them. */
export function around(faces: Face[]): Region {
  const left = Math.min(...faces.map(({ x }) => x))
  const right = Math.max(...faces.map(({ x, width }) => x + width))
  const top = Math.min(...faces.map(({ y }) => y))
  const bottom = Math.max(...faces.map(({ y, height }) => y + height))
  const side = Math.max(right - left, bottom - top) + 2 * roomInFaces * Math.max(...faces.map(({ width }) => width))
  return { x: (left + right - side) / 2, y: (top + bottom - side) / 2, side }
}

function starts(length: number, side: number): number[] {
  const room = length - side
  const steps = Math.max(1, Math.ceil(room / (side * stepShare)))
  return Array.from({ length: steps + 1 }, (_, step) => (room * step) / steps)
}

import { fitArea, type Size } from '@/lib/images/geometry'
import type { Area } from '@/lib/images/schema'
import type { Box } from './variants'

/** Free space that a head must have inside the circle, in shares of its size on each side. */
const margin = 0.05
/** How far a point may lie outside the circle, in shares of its radius: half a pixel of a small photo. */
const tolerance = 0.005
/** Heads of at least this share of the tallest one may be the one that the crop shows if not all fit. */
const mainShare = 0.75

/** Returns whether the circle contains all heads if a circle can, else at least one of the main heads. */
export function isGood(area: Area, heads: Box[], picture: Size): boolean {
  if (heads.every((head) => contains(area, [head], picture))) return true
  return !canContain(heads, picture) && mainHeads(heads).some((head) => contains(area, [head], picture))
}

/** Returns whether any crop is good. */
export function isPossible(heads: Box[], picture: Size): boolean {
  return mainHeads(heads).some((head) => canContain([head], picture))
}

function mainHeads(heads: Box[]): Box[] {
  const tallest = Math.max(...heads.map(({ height }) => height))
  return heads.filter(({ height }) => height >= tallest * mainShare)
}

/** Tries crops of many sizes around the middle of the heads. */
function canContain(heads: Box[], picture: Size): boolean {
  const left = Math.min(...heads.map(({ x }) => x))
  const right = Math.max(...heads.map(({ x, width }) => x + width))
  const top = Math.min(...heads.map(({ y }) => y))
  const bottom = Math.max(...heads.map(({ y, height }) => y + height))
  const widest = Math.min(picture.width, picture.height)
  return Array.from({ length: 60 }, (_, step) => (widest * (step + 1)) / 60).some((width) =>
    contains(fitArea({ centreX: (left + right) / 2, centreY: (top + bottom) / 2, width }, 1, picture), heads, picture),
  )
}

/** Returns whether the circle inside the area contains these heads, ellipses, with their margins. */
function contains(area: Area, heads: Box[], picture: Size): boolean {
  const radius = area.width / 2
  const reach = radius * (1 + tolerance)
  return heads.every((head) =>
    outline(head, picture).every(({ x, y }) => Math.hypot(x - area.x - radius, y - area.y - radius) <= reach),
  )
}

/** Returns points around a head and its margin, or less at a side where the picture ends before. */
function outline({ x, y, width, height }: Box, picture: Size): { x: number; y: number }[] {
  const centre = { x: x + width / 2, y: y + height / 2 }
  const radius = { x: width * (0.5 + margin), y: height * (0.5 + margin) }
  return Array.from({ length: 72 }, (_, step) => (step / 72) * 2 * Math.PI).map((angle) => {
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)]
    const roomX = cos < 0 ? centre.x : picture.width - centre.x
    const roomY = sin < 0 ? centre.y : picture.height - centre.y
    return { x: centre.x + Math.min(radius.x, roomX) * cos, y: centre.y + Math.min(radius.y, roomY) * sin }
  })
}

import type { Size } from '@/lib/images/geometry'
import type { Area } from '@/lib/images/schema'

/**
 * How to read an area of the stored pixels at a smaller size.
 * - `extract`: decodes at full size, extracts the area, resizes it. Exact, but decodes every row down to the area's end.
 * - `shrink`: the loader decodes the whole picture at a smaller size, then the area is extracted. JPEG (only the low
 *   frequencies, at 1/2, 1/4 or 1/8) and WebP can do this with a fraction of the time and memory.
 */
export type LoadPlan = { kind: 'extract'; area: Area; size: Size } | { kind: 'shrink'; shrunk: Size; area: Area }

/** Maximum distance from an end of the area to a whole pixel of the shrunk picture, in those pixels. */
const tolerance = 0.05

/**
 * Picks the cheapest plan without a visible loss.
 * @param stored size of the picture as stored
 * @param area area of the stored picture, in whole pixels
 * @param minSize minimum size of the area in the result; an area is never enlarged
 */
export function planLoad(format: string, stored: Size, area: Area, minSize: Size): LoadPlan {
  const size = limitSize(area, minSize)
  const columns: AxisRange = { start: area.x, length: area.width, axis: stored.width, minLength: size.width }
  const rows: AxisRange = { start: area.y, length: area.height, axis: stored.height, minLength: size.height }
  for (const loader of shrinkingLoaders[format] ?? []) {
    const x = shrinkAxis(columns, loader)
    const y = x && shrinkAxis(rows, loader)
    if (!y) continue
    const shrunk = { width: x.axis, height: y.axis }
    return { kind: 'shrink', shrunk, area: { x: x.start, y: y.start, width: x.length, height: y.length } }
  }
  return { kind: 'extract', area, size }
}

/** Returns the size at which an area is read: an area is never enlarged. */
export function limitSize(area: Size, minSize: Size): Size {
  return { width: Math.min(area.width, minSize.width), height: Math.min(area.height, minSize.height) }
}

/** How a loader shrinks when sharp resizes by a ratio of at least `from` and less than `below`. */
interface ShrinkingLoader {
  from: number
  below: number
  /** The loader's own factor. It drops the remainder of the division at the right and at the bottom. */
  factor: number
}

/**
 * Sorted from the strongest.
 * JPEG: sharp uses the next smaller factor when the ratio is barely above one ("known libjpeg rounding errors"), hence
 * 9, 5 and 3. WebP: the decoder scales to any size but shifts colour by a quarter of a stored pixel, which is invisible
 * at a ratio of 3 or more.
 */
const shrinkingLoaders: Record<string, readonly ShrinkingLoader[]> = {
  jpg: [
    { from: 9, below: Number.POSITIVE_INFINITY, factor: 8 },
    { from: 5, below: 9, factor: 4 },
    { from: 3, below: 5, factor: 2 },
  ],
  webp: [{ from: 3, below: Number.POSITIVE_INFINITY, factor: 1 }],
}

/** A range of one axis of the stored picture. */
interface AxisRange {
  start: number
  length: number
  /** Length of the axis. */
  axis: number
  /** Minimum length of the shrunk range. */
  minLength: number
}

/**
 * Finds the length of the shrunk axis at which both ends of the range lie closest to whole pixels. Otherwise the
 * extracted area would be shifted from what the person selected. Returns null if no length is close enough.
 */
function shrinkAxis({ start, length, axis, minLength }: AxisRange, { from, below, factor }: ShrinkingLoader) {
  const maxRatio = length / minLength
  const shortest = Math.max(Math.ceil(axis / maxRatio), Math.floor(axis / below) + 1)
  // At most twice the necessary length: beyond that the later steps would cost more than the loader saves.
  const longest = Math.floor(Math.min(axis / Math.max(from, maxRatio / 2), axis))
  const coveredLength = Math.floor(axis / factor) * factor
  let best: { axis: number; start: number; length: number } | null = null
  let bestError = tolerance
  for (let shrunk = shortest; shrunk <= longest; shrunk += 1) {
    const scale = shrunk / coveredLength
    const shrunkStart = Math.round(start * scale)
    const end = Math.min(Math.round((start + length) * scale), shrunk)
    const error = Math.max(Math.abs(start * scale - shrunkStart), Math.abs((start + length) * scale - end))
    if (error >= bestError || end - shrunkStart < minLength) continue
    bestError = error
    best = { axis: shrunk, start: shrunkStart, length: end - shrunkStart }
  }
  return best
}

import type { Size } from '@/lib/images/geometry'
import type { Area } from '@/lib/images/schema'

/**
 * How an area of the stored pixels is read at a smaller size.
 * - `cut`: decoded as it is, cut, then resized. Exact; costs the decoding of every pixel above the area's end.
 * - `shrink`: the loader gives the whole picture smaller, and the area is cut out of that. JPEG (its transform's lower
 *   frequencies alone, at 1/2, 1/4 or 1/8) and WebP can do so, for a part of the time and memory.
 */
export type Loading = { kind: 'cut'; area: Area; size: Size } | { kind: 'shrink'; whole: Size; area: Area }

/** How far an end of the area may lie from a whole pixel of the picture made smaller, in those pixels. */
const tolerance = 0.05

/**
 * Picks the cheapest way that loses nothing that shows.
 * @param stored size of the picture as stored
 * @param area of the stored picture, in whole pixels
 * @param least the size that the area must have at least; it is never enlarged
 */
export function planLoading(format: string, stored: Size, area: Area, least: Size): Loading {
  const size = { width: Math.min(area.width, least.width), height: Math.min(area.height, least.height) }
  const columns: Stretch = { from: area.x, length: area.width, of: stored.width, least: size.width }
  const rows: Stretch = { from: area.y, length: area.height, of: stored.height, least: size.height }
  for (const step of steps[format] ?? []) {
    const x = shrinkAxis(columns, step)
    const y = x && shrinkAxis(rows, step)
    if (!y) continue
    return {
      kind: 'shrink',
      whole: { width: x.whole, height: y.whole },
      area: { x: x.from, y: y.from, width: x.to - x.from, height: y.to - y.from },
    }
  }
  return { kind: 'cut', area, size }
}

/** What a loader does by itself when sharp resizes by `from` or more, and less than `below`. */
interface Step {
  from: number
  below: number
  /** The loader's own factor. What is left over at the right and at the bottom is cut off. */
  factor: number
}

/**
 * The best first.
 * JPEG: sharp takes the next smaller factor where the resize is by hardly more than it ("known libjpeg rounding
 * errors"), hence 9, 5 and 3. WebP: the decoder scales to any size, its colour a quarter of a stored pixel too far; by 3 and
 * more that is nothing.
 */
const steps: Record<string, readonly Step[]> = {
  jpg: [
    { from: 9, below: Number.POSITIVE_INFINITY, factor: 8 },
    { from: 5, below: 9, factor: 4 },
    { from: 3, below: 5, factor: 2 },
  ],
  webp: [{ from: 3, below: Number.POSITIVE_INFINITY, factor: 1 }],
}

/** A part of one axis of the stored picture. */
interface Stretch {
  from: number
  length: number
  /** The whole axis. */
  of: number
  /** Pixels that the part must keep. */
  least: number
}

/**
 * The length to which the whole axis is made smaller, so that both ends of the stretch come to lie on whole pixels,
 * or nearly: else what is cut out would be shifted against what the person saw. Null where there is none.
 */
function shrinkAxis(
  { from, length, of, least }: Stretch,
  step: Step,
): { whole: number; from: number; to: number } | null {
  const most = length / least
  const shortest = Math.max(Math.ceil(of / most), Math.floor(of / step.below) + 1)
  // Not more than twice as long as it must be: what comes after would have more to do than was saved.
  const longest = Math.floor(Math.min(of / Math.max(step.from, most / 2), of))
  const covered = Math.floor(of / step.factor) * step.factor
  let best = null
  let bestError = tolerance
  for (let whole = shortest; whole <= longest; whole += 1) {
    const scale = whole / covered
    const [start, end] = [Math.round(from * scale), Math.min(Math.round((from + length) * scale), whole)]
    const error = Math.max(Math.abs(from * scale - start), Math.abs((from + length) * scale - end))
    if (error >= bestError || end - start < least) continue
    bestError = error
    best = { whole, from: start, to: end }
  }
  return best
}

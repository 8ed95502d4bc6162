import { firstBlockAt, gifBlocks } from '@/lib/images/file/gif-blocks'
import { withEndMark } from '@/lib/images/file/truncation'
import type { Size } from '@/lib/images/geometry'
import type { Area } from '@/lib/images/schema'

/** The frames of a GIF (GIF89a specification). */
interface Gif {
  /** Size in pixels as browsers show it: the logical screen, enlarged to contain the first frame. */
  screen: Size
  frames: GifFrame[]
  /** Where the first frame and its extensions start. */
  framesStart: number
}

interface GifFrame {
  area: Area
  isTransparent: boolean
  /** What happens after the frame: 2 clears its area. */
  disposal: number
  /** Where the flags of its graphic control extension are; null if it has none. */
  flagsAt: number | null
  /** Where the frame ends. */
  end: number
}

/** Reads a GIF block by block; decodes no pixels. */
function readGif(gif: Buffer): Gif {
  const frames: GifFrame[] = []
  let control: Pick<GifFrame, 'isTransparent' | 'disposal' | 'flagsAt'> = noControl
  for (const { type, at, dataAt, end } of gifBlocks(gif)) {
    if (type === 'extension' && gif[at + 1] === 0xf9) control = readControl(gif, dataAt + 1)
    if (type !== 'image' || end > gif.length) continue
    const area = { x: gif.readUInt16LE(at + 1), y: gif.readUInt16LE(at + 3), ...readSize(gif, at + 5) }
    frames.push({ area, ...control, end })
    control = noControl
  }
  const { x, y, width, height } = frames[0]?.area ?? { x: 0, y: 0, width: 0, height: 0 }
  const screen = readSize(gif, 6)
  const size = { width: Math.max(screen.width, x + width), height: Math.max(screen.height, y + height) }
  return { screen: size, frames, framesStart: firstBlockAt(gif) }
}

const noControl = { isTransparent: false, disposal: 0, flagsAt: null }

function readControl(gif: Buffer, flagsAt: number) {
  const flags = gif[flagsAt] ?? 0
  return { isTransparent: (flags & 1) === 1, disposal: (flags >> 2) & 7, flagsAt }
}

const readSize = (gif: Buffer, at: number): Size => ({ width: gif.readUInt16LE(at), height: gif.readUInt16LE(at + 2) })

/** A GIF for the loader. */
export interface LoadableGif {
  bytes: Uint8Array
  /** Size in pixels as browsers show it. */
  screen: Size
  /** The frames to use, by their index. */
  frames: number[]
  /** Number of all frames. */
  total: number
}

/**
 * Rewrites a GIF so that libvips draws what browsers show. libvips ignores a screen of a usual monitor size or above
 * 2048 pixels, has no alpha unless a frame has a transparent colour, and clears the area of a frame without one to the
 * background colour instead of transparent. Empty frames with a transparent colour prevent all of this: one of the size
 * of the screen before the first frame, and one after each frame whose area must be cleared. Decodes no pixels.
 */
export function toLoadableGif(file: Uint8Array): LoadableGif {
  const bytes = withEndMark(file)
  const gif = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const { screen, frames, framesStart } = readGif(gif)
  const isFilled = frames[0] !== undefined && covers(frames[0].area, { x: 0, y: 0, ...screen })
  const copy = Buffer.from(gif)
  const parts: Buffer[] = [copy.subarray(0, framesStart)]
  if (!isFilled) parts.push(emptyFrame({ x: 0, y: 0, ...screen }, keepFrame))
  const used: number[] = []
  let [start, added] = [framesStart, isFilled ? 0 : 1]
  for (const [at, { area, flagsAt, end }] of frames.entries()) {
    used.push(at + added)
    if (!mustClear(frames, at)) continue
    if (flagsAt !== null) copy[flagsAt] = ((copy[flagsAt] as number) & ~(7 << 2)) | (keepFrame << 2)
    parts.push(copy.subarray(start, end), emptyFrame(area, clearFrame))
    start = end
    added += 1
  }
  parts.push(copy.subarray(start))
  return { bytes: added > 0 ? Buffer.concat(parts) : bytes, screen, frames: used, total: frames.length + added }
}

const keepFrame = 1
const clearFrame = 2

/** Returns whether an opaque frame must be cleared, because the next one does not cover it. */
function mustClear(frames: GifFrame[], at: number): boolean {
  const [frame, next] = [frames[at] as GifFrame, frames[at + 1]]
  if (frame.disposal !== clearFrame || frame.isTransparent || !next) return false
  return next.isTransparent || !covers(next.area, frame.area)
}

function covers(outer: Area, inner: Area): boolean {
  return (
    outer.x <= inner.x &&
    outer.y <= inner.y &&
    outer.x + outer.width >= inner.x + inner.width &&
    outer.y + outer.height >= inner.y + inner.height
  )
}

/** Creates a frame whose data ends after one transparent pixel. */
function emptyFrame({ x, y, width, height }: Area, disposal: number): Buffer {
  const u16 = (value: number) => [value & 255, value >> 8]
  const control = [0x21, 0xf9, 4, (disposal << 2) | 1, 0, 0, 0, 0]
  // LZW codes of 3 bits: clear, colour 0, end.
  const data = [2, 2, 0x44, 0x01, 0]
  return Buffer.from([...control, 0x2c, ...u16(x), ...u16(y), ...u16(width), ...u16(height), 0, ...data])
}

import 'server-only'
import sharp, { type OutputInfo, type Sharp, type SharpOptions } from 'sharp'
import type { RgbSpace } from './icc-profile'
import { toLoadable } from './loadable'
import { withSpace } from './png-colour'

// Only these five loaders can run. SVG, TIFF, PDF, PostScript and ImageMagick files are rejected by their first bytes
// (security S14): two SVG bombs of 8 kB once cost 18 s of CPU.
sharp.block({ operation: ['VipsForeignLoad'] })
sharp.unblock({
  operation: [
    'VipsForeignLoadJpeg',
    'VipsForeignLoadPng',
    'VipsForeignLoadWebp',
    'VipsForeignLoadNsgif',
    'VipsForeignLoadHeif',
  ],
})
// Every job reads different bytes, so a cache would only hold memory.
sharp.cache(false)

/** Pixels in memory: 8 bits per channel, sRGB, row by row. The frames of an animation are stacked vertically. */
export interface RawPixels {
  data: Buffer
  width: number
  /** Height of one frame. */
  height: number
  channels: OutputInfo['channels']
}

/** Longest time to draw all variants of one picture, and of each pipeline in it. A large photo takes two seconds. */
export const drawingSeconds = 30

/** Thrown when drawing a picture takes too long. */
export class DrawingTooLong extends Error {
  override name = 'DrawingTooLong'
}

/** Returns the error of a pipeline; DrawingTooLong if libvips aborted it for its time. */
export function toDrawingError(error: unknown): unknown {
  const isTimeout = error instanceof Error && error.message.includes('timeout: ')
  return isTimeout ? new DrawingTooLong(error.message, { cause: error }) : error
}

/**
 * Opens an uploaded file. Decoding throws on truncated or corrupt data, but accepts the stray bytes that every browser
 * accepts, and a missing end mark (security S17). `readHeader` checks the limits, and whether pixels are missing.
 */
export function openFile(bytes: Uint8Array, options?: Pick<SharpOptions, 'animated' | 'page'>): Sharp {
  const loadable = toLoadable(bytes)
  return sharp(loadable, { limitInputPixels: false, failOn: 'error', ...options }).timeout({ seconds: drawingSeconds })
}

/** Opens pixels, with as many frames as the data holds. */
export function fromRaw({ data, width, height, channels }: RawPixels): Sharp {
  const totalHeight = data.length / (width * channels)
  return sharp(data, {
    raw: { width, height: totalHeight, channels, ...(totalHeight > height && { pageHeight: height }) },
    limitInputPixels: false,
  }).timeout({ seconds: drawingSeconds })
}

/** Splits pixels into frames that share their data. */
export function splitFrames(pixels: RawPixels): [RawPixels, ...RawPixels[]] {
  const bytes = pixels.width * pixels.height * pixels.channels
  const frame = (at: number): RawPixels => ({ ...pixels, data: pixels.data.subarray(at * bytes, (at + 1) * bytes) })
  const others = Array.from({ length: pixels.data.length / bytes - 1 }, (_, at) => frame(at + 1))
  return [frame(0), ...others]
}

/** Collects frames of the same size in one buffer, one at a time, so that none of them stays in memory. */
export class FrameStack {
  private stacked: RawPixels | null = null
  private filled = 0

  constructor(private readonly frames: number) {}

  push({ data, ...frame }: RawPixels): void {
    this.stacked ??= { ...frame, data: Buffer.allocUnsafeSlow(data.length * this.frames) }
    this.filled += data.copy(this.stacked.data, this.filled)
  }

  /** Opens the frames as an animation. */
  open(): Sharp {
    if (!this.stacked || this.filled !== this.stacked.data.length) throw new Error('frames are missing')
    return fromRaw(this.stacked)
  }
}

/**
 * Reduces a deep picture with a colour profile to 8 bits per channel and keeps its profile, which applies when the
 * result is read. sharp converts deep pictures to Display P3, grays not at all, and raw pixels keep that space.
 */
export async function toEightBits(pipeline: Sharp, channels: 'rgb' | 'gray'): Promise<Sharp> {
  const space = channels === 'gray' ? 'b-w' : 'srgb'
  const picture = await pipeline.toColourspace(space).keepIccProfile().png({ compressionLevel: 0 }).toBuffer()
  return openFile(picture)
}

/** Converts the pixels of a pipeline from a colour space to sRGB. */
export async function applySpace(pipeline: Sharp, space: RgbSpace): Promise<Sharp> {
  const picture = await pipeline.toColourspace('srgb').png({ compressionLevel: 0 }).toBuffer()
  return openFile(withSpace(picture, space))
}

/** Runs a pipeline and returns its pixels. */
export async function toRaw(pipeline: Sharp): Promise<RawPixels> {
  const { data, info } = await pipeline.toColourspace('srgb').raw().toBuffer({ resolveWithObject: true })
  const { width, height, channels, pageHeight } = info
  return { data, width, height: pageHeight ?? height, channels }
}

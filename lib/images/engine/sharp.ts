import 'server-only'
import sharp, { type OutputInfo, type Sharp, type SharpOptions } from 'sharp'

// Only these five loaders ever run. What is blocked is refused by its first bytes: SVG, TIFF, PDF, PostScript,
// ImageMagick (security S14). Two SVG bombs of 8 kB cost 18 s of CPU before.
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
// Every job reads other bytes: a cache would only hold memory.
sharp.cache(false)

/** Pixels in memory: 8 bits a channel, sRGB, row by row; of several frames below each other. */
export interface RawPixels {
  data: Buffer
  width: number
  /** Of one frame. */
  height: number
  channels: OutputInfo['channels']
}

/** The longest that libvips may work on one picture, in seconds; it then ends it. */
const timeoutSeconds = 30

/**
 * Opens a person's file. Truncated or corrupt data throws when it is decoded; stray bytes that every browser bears
 * do not (security S17). Limits are checked by `readHeader`.
 */
export function openFile(bytes: Uint8Array, options?: Pick<SharpOptions, 'animated'>): Sharp {
  return sharp(bytes, { limitInputPixels: false, failOn: 'error', ...options }).timeout({ seconds: timeoutSeconds })
}

/** Opens pixels: as one frame, or as many as the data has below each other. */
export function fromRaw({ data, width, height, channels }: RawPixels): Sharp {
  const whole = data.length / (width * channels)
  return sharp(data, {
    raw: { width, height: whole, channels, ...(whole > height && { pageHeight: height }) },
    limitInputPixels: false,
  })
}

/** The frames of pixels, each by itself. Their data is shared. */
export function framesOf(pixels: RawPixels): [RawPixels, ...RawPixels[]] {
  const bytes = pixels.width * pixels.height * pixels.channels
  const frame = (at: number): RawPixels => ({ ...pixels, data: pixels.data.subarray(at * bytes, (at + 1) * bytes) })
  const others = Array.from({ length: pixels.data.length / bytes - 1 }, (_, at) => frame(at + 1))
  return [frame(0), ...others]
}

/** Frames of one size as pixels below each other. */
export function joinFrames(frames: readonly [RawPixels, ...RawPixels[]]): RawPixels {
  return { ...frames[0], data: Buffer.concat(frames.map(({ data }) => data)) }
}

/** Runs a pipeline to pixels. */
export async function toRaw(pipeline: Sharp): Promise<RawPixels> {
  const { data, info } = await pipeline.toColourspace('srgb').raw().toBuffer({ resolveWithObject: true })
  const { width, height, channels, pageHeight } = info
  return { data, width, height: pageHeight ?? height, channels }
}

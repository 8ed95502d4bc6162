import 'server-only'
import type { Metadata } from 'sharp'
import { countPixels } from '@/lib/images/file/pixel-count'
import { isTruncated } from '@/lib/images/file/truncation'
import type { Size } from '@/lib/images/geometry'
import { ok, type Result, refuse } from '@/lib/result'
import { readCodedSpace } from './avif-colour'
import { countTilePixels } from './avif-tiles'
import { readOrientation } from './exif'
import { type LoadableGif, toLoadableGif } from './gif'
import type { RgbSpace } from './icc-profile'
import { hasSeparateScans, hasTooManyScans } from './jpeg-scans'
import { type Orientation, orientationFromExif } from './orientation'
import { openFile } from './sharp'
import { findShownPicture } from './shown-picture'

/** A picture's header, read from its bytes, never from a file name or a content type (security S15). */
export interface Header {
  /** Size in pixels as shown, that recipes refer to: `stored` after `orientation`, or a scaled copy of it. */
  upright: Size
  /** Size in pixels as stored, of one frame. */
  stored: Size
  /** The transformation that makes the stored pixels upright. */
  orientation: Orientation
  /** File name extension. */
  format: 'jpg' | 'png' | 'webp' | 'avif' | 'gif'
  /** Whether the file stores coarse pixels or single channels first. Its first line then needs all of it in memory. */
  isProgressive: boolean
  /** Bytes of a decoded pixel, all channels together. */
  pixelBytes: number
  /** Whether a JPEG stores its colours at half the width and height (4:2:0). */
  isSubsampled: boolean
  /** The channels of a picture with a colour profile and more than 8 bits per channel; null for other pictures. */
  deepProfile: 'rgb' | 'gray' | null
  /** The colour space of an AVIF without a profile; null for sRGB and other formats. */
  space: RgbSpace | null
  /** Number of frames; 1 for a still picture. */
  frames: number
  /** Number of frames that the loader draws. A GIF may have more than `frames`, which are dropped. */
  loadedFrames: number
  /** A GIF as the loader reads it; null for other formats. */
  gif: LoadableGif | null
  /** Timing of the frames; null for a still picture. */
  animation: Animation | null
}

export interface Animation {
  /** Duration of each frame in milliseconds. */
  delaysMs: number[]
  /** How often the animation plays; 0 means forever. */
  loop: number
}

const formats: Record<string, Header['format']> = { jpeg: 'jpg', png: 'png', webp: 'webp', gif: 'gif' }

/**
 * Reads the header and decodes no pixels. The limit counts every frame of an animation (security S16), at its stored
 * size or at the size of the largest variant, whichever is larger, and counts them twice.
 * Error codes: `unsupported_type`, `unreadable_image`, `too_many_pixels`, `invalid_request` (shown).
 * @param shown size of the picture as the browser shows it; default: as Chromium and Firefox apply its orientation
 */
export async function readHeader(
  bytes: Uint8Array,
  maxPixels: number,
  largestVariant?: Size,
  shown?: Size,
): Promise<Result<Header>> {
  let metadata: Metadata
  try {
    metadata = await openFile(bytes).metadata()
  } catch (error) {
    // libvips answers so when none of the allowed loaders recognizes the bytes.
    const isUnknown = error instanceof Error && /unsupported image format|blocked/i.test(error.message)
    return refuse(isUnknown ? 'unsupported_type' : 'unreadable_image')
  }
  const format = isAvif(metadata, bytes) ? 'avif' : formats[metadata.format]
  if (!format) return refuse('unsupported_type')
  const { pages: frames = 1 } = metadata
  const isAnimated = frames > 1
  const gif = format === 'gif' ? toLoadableGif(bytes) : null
  if (gif && gif.frames.length !== frames) return refuse('unreadable_image')
  const { width, height } = gif?.screen ?? metadata
  const loadedFrames = gif && isAnimated ? gif.total : frames
  if (countPixels({ width, height, frames }, largestVariant) > maxPixels) return refuse('too_many_pixels')
  if (format === 'avif' && countTilePixels(bytes) > maxPixels) return refuse('too_many_pixels')
  if (format === 'jpg' && hasTooManyScans(bytes)) return refuse('unreadable_image')
  if (await isTruncated(bytes)) return refuse('unreadable_image')
  const stored = { width, height }
  const picture = findShownPicture(stored, orientationsOf(metadata, format), shown)
  if (!picture) {
    const message = `the picture has ${width}×${height} pixels`
    return refuse('invalid_request', { fields: [{ path: 'shown', message }] })
  }
  const animation = isAnimated ? readAnimation(metadata) : null
  const deepProfile = deepProfileOf(metadata)
  const space = format === 'avif' ? readCodedSpace(bytes) : null
  const layout = readLayout(metadata, format, bytes)
  return ok({ ...picture, ...layout, stored, format, deepProfile, space, frames, loadedFrames, gif, animation })
}

function readLayout(
  { isProgressive = false, channels = 4, depth, chromaSubsampling }: Metadata,
  format: Header['format'],
  bytes: Uint8Array,
): Pick<Header, 'isProgressive' | 'pixelBytes' | 'isSubsampled'> {
  return {
    isProgressive: isProgressive || (format === 'jpg' && hasSeparateScans(bytes)),
    pixelBytes: channels * (depth === 'uchar' ? 1 : 2),
    isSubsampled: chromaSubsampling === '4:2:0',
  }
}

function deepProfileOf({ depth, hasProfile, space }: Metadata): Header['deepProfile'] {
  if (depth === 'uchar' || !hasProfile) return null
  return space === 'grey16' ? 'gray' : 'rgb'
}

/**
 * Returns the orientations in which browsers may show a picture, first that of Chromium and Firefox: they apply EXIF in
 * JPEG and PNG, but not in WebP. AVIF stores its orientation in boxes that all browsers and the loader apply; the
 * loader then reports none.
 */
function orientationsOf(
  { exif, orientation: lenient }: Metadata,
  format: Header['format'],
): [Orientation, Orientation] {
  const isApplied = format === 'jpg' || format === 'png'
  return [
    orientationFromExif(isApplied && exif ? readOrientation(exif) : 1),
    orientationFromExif(isApplied ? 1 : lenient),
  ]
}

/**
 * Tells AVIF from HEIC, which has a similar header but pixels that this build cannot decode. libvips looks only at the
 * major brand. That may be the generic `mif1`, with `avif` among the compatible brands (ISO/IEC 14496-12, 4.3).
 */
function isAvif({ format, compression }: Metadata, bytes: Uint8Array): boolean {
  if (format !== 'heif') return false
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const brands = view.toString('latin1', 8, Math.min(view.readUInt32BE(0), 256))
  return compression === 'av1' || (brands.startsWith('mif1') && brands.includes('avif'))
}

/** The largest delay and loop count that sharp can write; a GIF may delay a frame by eleven minutes. */
const maxTiming = 65_535

function readAnimation({ delay = [], loop = 0 }: Metadata): Animation {
  return { delaysMs: delay.map((ms) => Math.min(ms, maxTiming)), loop: Math.min(loop, maxTiming) }
}

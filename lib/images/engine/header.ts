import 'server-only'
import type { Metadata } from 'sharp'
import type { Size } from '@/lib/images/geometry'
import { ok, type Result, refuse } from '@/lib/result'
import { countTilePixels } from './avif-tiles'
import { hasTooManyScans } from './jpeg-scans'
import { type Orientation, orientedSize, uprighting } from './orientation'
import { openFile } from './sharp'
import { isWhole } from './truncation'

/** A picture's header, read from its bytes and never from a name or a claim (security S15). */
export interface Header {
  /** Upright, in pixels. */
  upright: Size
  /** As the pixels are stored, of one frame. */
  stored: Size
  /** What makes the stored pixels upright. */
  orientation: Orientation
  /** File name ending. */
  format: 'jpg' | 'png' | 'webp' | 'avif' | 'gif'
  /** Whether it comes from coarse to fine, so that all of it is in memory before the first line is. */
  isProgressive: boolean
  /** 1 for a still. */
  frames: number
  /** How the frames follow each other; null for a still. */
  animation: Animation | null
}

export interface Animation {
  /** How long each frame is shown, in milliseconds. */
  delaysMs: number[]
  /** How often all are shown; 0 is for ever. */
  loop: number
}

const formats: Record<string, Header['format']> = { jpeg: 'jpg', png: 'png', webp: 'webp', gif: 'gif' }

/**
 * Reads the header; nothing is decoded. Each frame of an animation counts (security S16), with the pixels that it has
 * or, where that is more, those that it will be drawn with.
 * Refusals: `unsupported_type`, `unreadable_image`, `too_many_pixels`.
 * @param drawn size of the largest variant
 */
export async function readHeader(bytes: Uint8Array, maxPixels: number, drawn?: Size): Promise<Result<Header>> {
  let metadata: Metadata
  try {
    metadata = await openFile(bytes).metadata()
  } catch (error) {
    // libvips tells no format for what none of the allowed loaders knows.
    const isUnknown = error instanceof Error && /unsupported image format|blocked/i.test(error.message)
    return refuse(isUnknown ? 'unsupported_type' : 'unreadable_image')
  }
  const format = isAvif(metadata, bytes) ? 'avif' : formats[metadata.format]
  if (!format) return refuse('unsupported_type')
  const { width, height, pages: frames = 1 } = metadata
  const isAnimated = frames > 1
  const drawnPixels = drawn && isAnimated ? drawn.width * drawn.height : 0
  if (Math.max(width * height, drawnPixels) * frames > maxPixels) return refuse('too_many_pixels')
  if (format === 'avif' && countTilePixels(bytes) > maxPixels) return refuse('too_many_pixels')
  if (format === 'jpg' && hasTooManyScans(bytes)) return refuse('unreadable_image')
  if (!isWhole(bytes, format)) return refuse('unreadable_image')
  // AVIF says how it lies in boxes of its own, which its loader has heeded: no orientation is told then.
  const orientation = uprighting(metadata.orientation)
  const stored = { width, height }
  const animation = isAnimated ? readAnimation(metadata) : null
  const { isProgressive = false } = metadata
  return ok({
    upright: orientedSize(stored, orientation),
    stored,
    orientation,
    format,
    isProgressive,
    frames,
    animation,
  })
}

/**
 * HEIC has a header that reads like AVIF's, and pixels that do not decode. Which of the two it is libvips tells by the
 * first brand alone; that may be the general `mif1`, with `avif` among those that follow (ISO/IEC 14496-12, 4.3).
 */
function isAvif({ format, compression }: Metadata, bytes: Uint8Array): boolean {
  if (format !== 'heif') return false
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const brands = view.toString('latin1', 8, Math.min(view.readUInt32BE(0), 256))
  return compression === 'av1' || (brands.startsWith('mif1') && brands.includes('avif'))
}

/** The most that sharp writes; a GIF may say that a frame stands for eleven minutes. */
const mostOfAny = 65_535

function readAnimation({ delay = [], loop = 0 }: Metadata): Animation {
  return { delaysMs: delay.map((ms) => Math.min(ms, mostOfAny)), loop: Math.min(loop, mostOfAny) }
}

import { gifBlocks } from './gif-blocks'
import { hasAllGifPixels } from './gif-pixels'
import { type ImageType, readImageType } from './image-type'
import { hasAllJpegBlocks } from './jpeg-blocks'
import { endOfImage, jpegSegments, startOfScan } from './jpeg-segments'
import { pngChunks } from './png-chunks'
import { hasAllPngPixels } from './png-pixels'

/**
 * Returns whether pixels of a file are missing because it ends too early. A loader reads only as far as it must. Without
 * this check a truncated picture would pass for a crop of its upper part and be rejected for the next crop.
 *
 * A file with its end mark is complete; bytes after the mark are ignored. Some phones and programs leave out the mark, so
 * without one the data of all pixels must be there. The page runs the same check when a file is chosen.
 */
export async function isTruncated(bytes: Uint8Array): Promise<boolean> {
  const check = checkOf(bytes)
  return check !== undefined && !check.hasEndMark(bytes) && !(await check.hasAllPixels(bytes))
}

/** Returns the file with an end mark, which decoders insist on. Copies the bytes only if the mark is missing. */
export function withEndMark(bytes: Uint8Array): Uint8Array {
  const check = checkOf(bytes)
  if (!check || check.hasEndMark(bytes)) return bytes
  const completed = new Uint8Array(bytes.length + check.endMark.length)
  completed.set(bytes)
  completed.set(check.endMark, bytes.length)
  return completed
}

interface Check {
  /** Returns whether the file has its own end mark. Checks block by block. */
  hasEndMark(bytes: Uint8Array): boolean
  /** Returns whether the data of all pixels is there. Reads all of it, so it takes longer. */
  hasAllPixels(bytes: Uint8Array): boolean | Promise<boolean>
  endMark: readonly number[]
}

/** The chunk IEND: no data, and its checksum. */
const pngEnd = [0, 0, 0, 0, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82]
/** Zeros end the last sub-block, wherever it was cut. */
const gifEnd = [...new Array<number>(256).fill(0), 0x3b]

/** WebP and AVIF have none: their decoders read the whole file before they return a pixel. */
const checks: Partial<Record<ImageType, Check>> = {
  'image/jpeg': { hasEndMark: hasJpegEnd, hasAllPixels: hasAllJpegBlocks, endMark: [0xff, 0xd9] },
  'image/png': { hasEndMark: hasPngEnd, hasAllPixels: hasAllPngPixels, endMark: pngEnd },
  'image/gif': { hasEndMark: hasGifEnd, hasAllPixels: hasAllGifPixels, endMark: gifEnd },
}

function checkOf(bytes: Uint8Array): Check | undefined {
  const type = readImageType(bytes)
  return type ? checks[type] : undefined
}

/** Searches for EOI after the first scan: in pixel data FF always precedes 00 or a restart (ITU T.81, B.1.1.5). */
function hasJpegEnd(bytes: Uint8Array): boolean {
  for (const { marker, at } of jpegSegments(bytes)) if (marker === startOfScan) return hasEndOfImage(bytes, at)
  return false
}

function hasEndOfImage(bytes: Uint8Array, from: number): boolean {
  for (let at = bytes.indexOf(0xff, from); at !== -1; at = bytes.indexOf(0xff, at + 1)) {
    if (bytes[at + 1] === endOfImage) return true
  }
  return false
}

function hasPngEnd(bytes: Uint8Array): boolean {
  for (const { name } of pngChunks(bytes)) if (name === 'IEND') return true
  return false
}

function hasGifEnd(bytes: Uint8Array): boolean {
  for (const { type } of gifBlocks(bytes)) if (type === 'end') return true
  return false
}

import { insertJpegSegments, jpegSegment } from './jpeg'
import { insertPngChunks, pngChunk } from './png'
import { readRiff, webpFlags, webpHeader, webpOf } from './webp'

/** Types of a TIFF field (TIFF 6.0, section 2). */
export const tiffTypes = { byte: 1, short: 3, long: 4, signedShort: 8 }

export interface OrientationTag {
  orientation: number
  /** A correct tag is one SHORT. */
  type?: number
  count?: number
  isLittleEndian?: boolean
}

/** Creates EXIF data, a TIFF header and a directory, whose only field is the orientation. */
export function exifOf({ orientation, type = tiffTypes.short, count = 1, isLittleEndian = false }: OrientationTag) {
  const tiff = Buffer.alloc(26)
  const write = (value: number, at: number, bytes: number) =>
    isLittleEndian ? tiff.writeUIntLE(value, at, bytes) : tiff.writeUIntBE(value, at, bytes)
  tiff.write(isLittleEndian ? 'II' : 'MM', 'latin1')
  write(42, 2, 2)
  write(8, 4, 4)
  write(1, 8, 2)
  write(0x0112, 10, 2)
  write(type, 12, 2)
  write(count, 14, 4)
  write(orientation, 18, valueBytes[type] as number)
  return tiff
}

const valueBytes: Record<number, number> = { 1: 1, 3: 2, 4: 4, 8: 2 }

export function jpegWithExif(jpeg: Uint8Array, ...exifs: Buffer[]): Buffer {
  const name = Buffer.from('Exif\0\0', 'latin1')
  return insertJpegSegments(jpeg, ...exifs.map((exif) => jpegSegment(0xe1, Buffer.concat([name, exif]))))
}

export function pngWithExif(png: Uint8Array, exif: Buffer): Buffer {
  return insertPngChunks(png, pngChunk('eXIf', exif))
}

/** Adds EXIF to a WebP of one chunk (https://developers.google.com/speed/webp/docs/riff_container). */
export function webpWithExif(webp: Buffer, { width, height }: { width: number; height: number }, exif: Buffer): Buffer {
  const pixels = readRiff(webp).chunks.filter(({ name }) => /^VP8[ L]$/.test(name))
  return webpOf([webpHeader(webpFlags.exif, width, height), ...pixels, { name: 'EXIF', body: exif }])
}

/**
 * Returns the orientation in EXIF data as browsers read it (Skia's SkParseEncodedOrigin), or undefined. Only a field of
 * one SHORT counts, in the main directory or in the EXIF directory; the first valid one wins. libvips also accepts other
 * types, so its value may turn a picture that browsers show unturned.
 * @param exif TIFF data, after `Exif\0\0` in a JPEG
 */
export function readOrientation(exif: Uint8Array): number | undefined {
  const bytes = Buffer.from(exif.buffer, exif.byteOffset, exif.byteLength)
  const tiff = bytes.toString('latin1', 0, 6) === 'Exif\0\0' ? bytes.subarray(6) : bytes
  const byteOrder = tiff.toString('latin1', 0, 2)
  if (tiff.length < 8 || (byteOrder !== 'II' && byteOrder !== 'MM')) return undefined
  const read = (at: number, length: 2 | 4): number =>
    byteOrder === 'II' ? tiff.readUIntLE(at, length) : tiff.readUIntBE(at, length)
  return findOrientation(tiff.length, read, read(4, 4), true)
}

const orientationTag = 0x0112
const exifDirectoryTag = 0x8769
const short = 3
const long = 4
const entryBytes = 12

function findOrientation(
  length: number,
  read: (at: number, length: 2 | 4) => number,
  directory: number,
  isMain: boolean,
): number | undefined {
  if (directory + 2 > length) return undefined
  const first = directory + 2
  const entries = Math.min(read(directory, 2), Math.floor((length - first) / entryBytes))
  for (let entry = first; entry < first + entries * entryBytes; entry += entryBytes) {
    const [tag, type, count] = [read(entry, 2), read(entry + 2, 2), read(entry + 4, 4)]
    if (count !== 1) continue
    if (tag === orientationTag && type === short) {
      const value = read(entry + 8, 2)
      if (value >= 1 && value <= 8) return value
    }
    if (tag === exifDirectoryTag && type === long && isMain) {
      const found = findOrientation(length, read, read(entry + 8, 4), false)
      if (found !== undefined) return found
    }
  }
  return undefined
}

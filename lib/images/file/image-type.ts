/** The content types of files that people choose. A moving AVIF has no separate type, but decoders refuse it. */
export type ImageType =
  | 'image/jpeg'
  | 'image/png'
  | 'image/gif'
  | 'image/webp'
  | 'image/avif'
  | 'image/avif-sequence'
  | 'image/heic'

/** Bytes that `readImageType` needs. */
export const imageTypeBytes = 256

/**
 * Returns a file's type by its first bytes, or null if it is none of these. A file's name and the type that a browser
 * reports are only hints: they may be missing, outdated (`image/pjpeg`) or wrong.
 */
export function readImageType(bytes: Uint8Array): ImageType | null {
  if (startsWith(bytes, [0xff, 0xd8, 0xff])) return 'image/jpeg'
  if (startsWith(bytes, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])) return 'image/png'
  if (/^GIF8[79]a/.test(text(bytes, 0, 6))) return 'image/gif'
  if (text(bytes, 0, 4) === 'RIFF' && text(bytes, 8, 12) === 'WEBP') return 'image/webp'
  return text(bytes, 4, 8) === 'ftyp' ? typeOfBrands(bytes) : null
}

/** Reads the brands of the box `ftyp`: the major one, a version, and the compatible ones (ISO/IEC 14496-12, 4.3). */
function typeOfBrands(bytes: Uint8Array): ImageType | null {
  const size = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0)
  const end = Math.min(size, bytes.length, imageTypeBytes)
  const brands: string[] = []
  for (let at = 8; at + 4 <= end; at += 4) brands.push(text(bytes, at, at + 4))
  // The major brand decides whether browsers show the sequence or the still image.
  if (brands[0] === 'avis') return 'image/avif-sequence'
  if (brands.includes('avif')) return 'image/avif'
  return brands.some((brand) => /^(hei[cxms]|hev[cxms]|mif1|msf1)$/.test(brand)) ? 'image/heic' : null
}

function startsWith(bytes: Uint8Array, start: readonly number[]): boolean {
  return start.every((byte, index) => bytes[index] === byte)
}

function text(bytes: Uint8Array, from: number, to: number): string {
  return String.fromCharCode(...bytes.subarray(from, to))
}

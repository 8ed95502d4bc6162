/**
 * Returns whether a file ends before its own end mark. A loader reads only as far as it must. Without this check a
 * truncated picture would pass for a crop of its upper part and be rejected for the next crop. Bytes after the end
 * mark are ignored. Every format is checked block by block; no pixel is decoded.
 */
export function isTruncated(bytes: Uint8Array, format: string): boolean {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  // libwebp and libheif read the whole file before they return a pixel.
  return findTruncation[format]?.(view) ?? false
}

const findTruncation: Record<string, (bytes: Buffer) => boolean> = {
  jpg: isTruncatedJpeg,
  png: isTruncatedPng,
  gif: isTruncatedGif,
}

const startOfScan = 0xda
const endOfImage = Buffer.from([0xff, 0xd9])

/** Searches for EOI after the first scan: in pixel data FF always precedes 00 or a restart (ITU T.81, B.1.1.5). */
function isTruncatedJpeg(bytes: Buffer): boolean {
  // Skips segments by their length: a preview in EXIF has end marks of its own.
  for (let at = 2; at + 4 <= bytes.length; ) {
    const marker = bytes[at + 1] as number
    // Stray bytes or fill bytes before a marker (B.1.1.2).
    if (bytes[at] !== 0xff || marker === 0xff || marker === 0) at += 1
    else if (marker === startOfScan) return bytes.indexOf(endOfImage, at) === -1
    else at += 2 + bytes.readUInt16BE(at + 2)
  }
  return true
}

/** Searches for the chunk IEND (W3C PNG, 5.3: length, type, data, checksum). */
function isTruncatedPng(bytes: Buffer): boolean {
  for (let at = 8; at + 12 <= bytes.length; at += 12 + bytes.readUInt32BE(at)) {
    if (bytes.toString('latin1', at + 4, at + 8) === 'IEND') return false
  }
  return true
}

/** Searches for the trailer, a semicolon (GIF89a, 27). */
function isTruncatedGif(bytes: Buffer): boolean {
  let at = 13 + colourTableBytes(bytes[10])
  while (at < bytes.length) {
    const block = bytes[at]
    // An extension has a label before its data; an image has its position, a colour table and the code size.
    if (block === 0x21) at += 2
    else if (block === 0x2c) at += 11 + colourTableBytes(bytes[at + 9])
    // The trailer, or an unknown block, at which decoders stop too.
    else return false
    while (bytes[at]) at += 1 + (bytes[at] as number)
    at += 1
  }
  return true
}

/** Returns the length of a colour table from the flags that announce it. */
function colourTableBytes(flags = 0): number {
  return flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0
}

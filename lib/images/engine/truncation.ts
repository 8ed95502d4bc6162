/**
 * Whether a file goes on to its own end. A loader reads no further than it must, so a picture cut short would pass where
 * the crop lies in its upper part, and be refused for the next crop. What comes behind the end is nobody's business.
 * Every function here walks from block to block and looks at no pixel.
 */
export function isWhole(bytes: Uint8Array, format: string): boolean {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  switch (format) {
    case 'jpg':
      return isWholeJpeg(view)
    case 'png':
      return isWholePng(view)
    case 'gif':
      return isWholeGif(view)
    default:
      // libwebp and libheif read all of a file before they give a pixel.
      return true
  }
}

const startOfScan = 0xda
const endOfImage = Buffer.from([0xff, 0xd9])

/** An end behind the first scan: in pixel data FF is always followed by 00 or a restart (ITU T.81, B.1.1.5). */
function isWholeJpeg(bytes: Buffer): boolean {
  // Segments are stepped over by their length: a preview in EXIF has ends of its own.
  for (let at = 2; at + 4 <= bytes.length; ) {
    const marker = bytes[at + 1] as number
    // Stray bytes, or fill bytes, before a marker (B.1.1.2).
    if (bytes[at] !== 0xff || marker === 0xff || marker === 0) at += 1
    else if (marker === startOfScan) return bytes.indexOf(endOfImage, at) !== -1
    else at += 2 + bytes.readUInt16BE(at + 2)
  }
  return false
}

/** The chunk IEND (W3C PNG, 5.3: length, type, data, checksum). */
function isWholePng(bytes: Buffer): boolean {
  for (let at = 8; at + 12 <= bytes.length; at += 12 + bytes.readUInt32BE(at)) {
    if (bytes.toString('latin1', at + 4, at + 8) === 'IEND') return true
  }
  return false
}

/** The trailer, a semicolon (GIF89a, 27). */
function isWholeGif(bytes: Buffer): boolean {
  let at = 13 + colourTable(bytes[10])
  while (at < bytes.length) {
    const block = bytes[at]
    if (block === 0x3b) return true
    // An extension has a label before its data; an image its place, its own colours, and the size of its codes.
    if (block === 0x21) at += 2
    else if (block === 0x2c) at += 11 + colourTable(bytes[at + 9])
    // Whatever it is, decoders that come this far stop here too.
    else return true
    while (bytes[at]) at += 1 + (bytes[at] as number)
    at += 1
  }
  return false
}

/** Bytes of a colour table, by the flags that announce it. */
function colourTable(flags = 0): number {
  return flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0
}

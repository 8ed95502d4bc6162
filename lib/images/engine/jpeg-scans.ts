/** Encoders write up to a dozen scans. A file with more than this is made to keep the decoder busy. */
const maxScans = 100

/**
 * Returns whether a JPEG has more than 100 scans. Each scan, even one of a few bytes, makes the decoder visit all
 * pixels. The timeout does not help: libvips checks the clock only after the last scan (security S18).
 */
export function hasTooManyScans(jpeg: Uint8Array): boolean {
  const bytes = Buffer.from(jpeg.buffer, jpeg.byteOffset, jpeg.byteLength)
  // A marker may lie in a profile, a thumbnail or a video after the picture, so many markers need the exact count.
  return countScanMarkers(bytes) > maxScans && countScans(bytes) > maxScans
}

/**
 * Returns whether a JPEG stores its channels one after another, in a scan each. Like a progressive one, the decoder then
 * holds all coefficients in memory (libjpeg, has_multiple_scans), but the file does not say that it is progressive.
 */
export function hasSeparateScans(bytes: Uint8Array): boolean {
  let channels = 0
  for (let at = 2; at + 9 < bytes.length; ) {
    const marker = bytes[at + 1] as number
    if (bytes[at] !== 0xff || marker === 0xff || hasNoLength(marker)) {
      at += 1
      continue
    }
    // The numbers of channels in the frame and in its first scan (ITU-T T.81, B.2.2 and B.2.3).
    if (isStartOfFrame(marker)) channels = bytes[at + 9] as number
    if (marker === startOfScan) return (bytes[at + 4] as number) < channels
    at += 2 + (((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number))
  }
  return false
}

function countScanMarkers(bytes: Buffer): number {
  const marker = Buffer.from([0xff, startOfScan])
  let count = 0
  for (let at = bytes.indexOf(marker); at !== -1 && count <= maxScans; at = bytes.indexOf(marker, at + 2)) count += 1
  return count
}

/** Counts scans to the end of the image, as the decoder does, or until there are too many. */
function countScans(bytes: Buffer): number {
  let scans = 0
  for (let at = 2; at < bytes.length - 1 && scans <= maxScans; ) {
    const marker = bytes[at + 1] as number
    // Skips scan data and stray bytes one at a time, like the decoder (libjpeg, next_marker).
    if (bytes[at] !== 0xff || marker === 0xff || hasNoLength(marker)) at += 1
    else if (marker === endOfImage) break
    else {
      if (marker === startOfScan) scans += 1
      at += 2 + (((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0))
    }
  }
  return scans
}

const endOfImage = 0xd9
const startOfScan = 0xda

/** Matches a stuffed zero, TEM, RST and SOI, which no length follows (ITU-T T.81, B.1.1.3). */
const hasNoLength = (marker: number) => marker <= 0x01 || (marker >= 0xd0 && marker <= 0xd8)

/** Matches SOF0 to SOF15, between which DHT, JPG and DAC lie. */
const isStartOfFrame = (marker: number) => marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)

/** Encoders write up to a dozen scans; what writes more than this means to keep the decoder busy. */
const maxScans = 100

/**
 * Whether a JPEG has more than 100 scans. Each one, be it of a few bytes, costs the decoder a walk over all pixels,
 * and no time limit ends it: libvips looks at the clock only after the last one (security S18).
 */
export function hasTooManyScans(jpeg: Uint8Array): boolean {
  const bytes = Buffer.from(jpeg.buffer, jpeg.byteOffset, jpeg.byteLength)
  // What looks like a scan may be part of a profile, a thumbnail, or a film behind the picture: only with many of
  // them is it worth the time to tell.
  return countScanMarkers(bytes) > maxScans && countScans(bytes) > maxScans
}

function countScanMarkers(bytes: Buffer): number {
  const marker = Buffer.from([0xff, startOfScan])
  let count = 0
  for (let at = bytes.indexOf(marker); at !== -1 && count <= maxScans; at = bytes.indexOf(marker, at + 2)) count += 1
  return count
}

/** Reads no further than the decoder does: to the end of the image, or to one scan too many. */
function countScans(bytes: Buffer): number {
  let scans = 0
  for (let at = 2; at < bytes.length - 1 && scans <= maxScans; ) {
    const marker = bytes[at + 1] as number
    // Skips a scan's data, and stray bytes, one at a time as the decoder does (libjpeg, next_marker).
    if (bytes[at] !== 0xff || marker === 0xff || isBare(marker)) at += 1
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

/** A stuffed zero, TEM, a restart, or SOI: without a length behind it (ITU-T T.81, B.1.1.3). */
const isBare = (marker: number) => marker <= 0x01 || (marker >= 0xd0 && marker <= 0xd8)

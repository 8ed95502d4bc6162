import { jpegSegments, startOfScan } from '@/lib/images/file/jpeg-segments'

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
  for (const { marker, at } of jpegSegments(bytes)) {
    // The numbers of channels in the frame and in its first scan (ITU-T T.81, B.2.2 and B.2.3).
    if (isStartOfFrame(marker)) channels = bytes[at + 9] ?? 0
    if (marker === startOfScan) return (bytes[at + 4] ?? 0) < channels
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
  for (const { marker } of jpegSegments(bytes)) {
    if (marker === startOfScan) scans += 1
    if (scans > maxScans) break
  }
  return scans
}

/** Matches SOF0 to SOF15, between which DHT, JPG and DAC lie. */
const isStartOfFrame = (marker: number) => marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)

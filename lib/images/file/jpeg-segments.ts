/** A marker segment of a JPEG. Its content lies between `at + 4` and `end`. */
export interface JpegSegment {
  marker: number
  at: number
  /** Beyond the end of the file if the segment is incomplete. Scan data may follow it. */
  end: number
}

export const startOfScan = 0xda
export const endOfImage = 0xd9

/**
 * Reads the segments of a JPEG, up to the end mark included. Skips scan data and stray bytes one at a time, like the
 * decoder (libjpeg, next_marker), and segments by their length: a preview in EXIF has its own markers.
 */
export function* jpegSegments(jpeg: Uint8Array): Generator<JpegSegment> {
  for (let at = 2; at + 2 <= jpeg.length; ) {
    const marker = jpeg[at + 1] as number
    if (jpeg[at] !== 0xff || marker === 0xff || hasNoLength(marker)) {
      at += 1
      continue
    }
    if (marker === endOfImage) return yield { marker, at, end: at + 2 }
    const end = at + 2 + (((jpeg[at + 2] ?? 0) << 8) | (jpeg[at + 3] ?? 0))
    yield { marker, at, end }
    at = end
  }
}

/** Matches a stuffed zero, TEM, RST and SOI, which no length follows (ITU-T T.81, B.1.1.3). */
const hasNoLength = (marker: number) => marker <= 0x01 || (marker >= 0xd0 && marker <= 0xd8)

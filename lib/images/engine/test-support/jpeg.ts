/** JPEG, marker by marker (ITU-T T.81). */

const u16 = (value: number) => [value >> 8, value & 255]

/** A marker segment, such as APP1 (0xe1) or COM (0xfe). */
export function jpegSegment(marker: number, body: Uint8Array | string): Buffer {
  const content = Buffer.from(body as string, 'latin1')
  return Buffer.concat([Buffer.from([0xff, marker, ...u16(content.length + 2)]), content])
}

/** Puts segments behind the first marker (SOI) of a JPEG. */
export function insertJpegSegments(bytes: Uint8Array, ...segments: Buffer[]): Buffer {
  return Buffer.concat([bytes.subarray(0, 2), ...segments, bytes.subarray(2)])
}

/** The same JPEG, which says that it has so many pixels (SOF0 or SOF2). */
export function jpegThatSays(bytes: Uint8Array, width: number, height: number): Buffer {
  const said = Buffer.from(bytes)
  const frame = findFrame(said)
  said.writeUInt16BE(height, frame + 5)
  said.writeUInt16BE(width, frame + 7)
  return said
}

/** Where the frame's header begins. */
export function findFrame(bytes: Buffer): number {
  for (let at = 2; at < bytes.length; at += 2 + bytes.readUInt16BE(at + 2)) {
    const marker = bytes[at + 1] as number
    if (marker === 0xc0 || marker === 0xc2) return at
  }
  throw new Error('no frame in this JPEG')
}

/**
 * A gray progressive JPEG whose every scan says in a few bytes that it changes nothing, over all its pixels: a
 * "scan bomb". Each scan costs the decoder a walk over all the picture's coefficients.
 */
export function scanBomb({ width, height, scans }: { width: number; height: number; scans: number }): Buffer {
  const blocks = Math.ceil(width / 8) * Math.ceil(height / 8)
  const parts = [
    Buffer.from([0xff, 0xd8]),
    jpegSegment(0xdb, Buffer.concat([Buffer.from([0]), Buffer.alloc(64, 1)])),
    jpegSegment(0xc2, Buffer.from([8, ...u16(height), ...u16(width), 1, 1, 0x11, 0])),
    // One code, "0", for a difference of none.
    jpegSegment(0xc4, Buffer.from([0x00, 1, ...Array(15).fill(0), 0])),
    // "0": a run of 2^14 empty blocks and more, by 14 bits that follow; "10": the end of one block.
    jpegSegment(0xc4, Buffer.from([0x10, 1, 1, ...Array(14).fill(0), 0xe0, 0x00])),
    jpegSegment(0xda, Buffer.from([1, 1, 0x00, 0, 0, 0x00])),
    zeroBits(blocks),
  ]
  // Each run: the code, and 14 bits that say how far beyond 2^14 it goes.
  const runs = Math.ceil(blocks / 2 ** 14)
  const refinement = Buffer.concat([jpegSegment(0xda, Buffer.from([1, 1, 0x00, 1, 63, 0x00])), zeroBits(runs * 15)])
  for (let scan = 0; scan < scans; scan += 1) parts.push(refinement)
  parts.push(Buffer.from([0xff, 0xd9]))
  return Buffer.concat(parts)
}

/** So many zero bits, filled up with ones to whole bytes. */
function zeroBits(count: number): Buffer {
  const bytes = Buffer.alloc(Math.ceil(count / 8))
  const rest = count % 8
  if (rest > 0) bytes[bytes.length - 1] = 0xff >> rest
  return bytes
}

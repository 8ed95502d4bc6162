/** Builds JPEG files marker by marker (ITU-T T.81). */
import sharp from 'sharp'

const u16 = (value: number) => [value >> 8, value & 255]

/** Creates a marker segment, such as APP1 (0xe1) or COM (0xfe). */
export function jpegSegment(marker: number, body: Uint8Array | string): Buffer {
  const content = Buffer.from(body as string, 'latin1')
  return Buffer.concat([Buffer.from([0xff, marker, ...u16(content.length + 2)]), content])
}

/** Inserts segments after the first marker (SOI) of a JPEG. */
export function insertJpegSegments(bytes: Uint8Array, ...segments: Buffer[]): Buffer {
  return Buffer.concat([bytes.subarray(0, 2), ...segments, bytes.subarray(2)])
}

/** Returns a copy of a JPEG that claims the given size (SOF0 or SOF2). */
export function jpegClaimingSize(bytes: Uint8Array, width: number, height: number): Buffer {
  const copy = Buffer.from(bytes)
  const frame = findFrame(copy)
  copy.writeUInt16BE(height, frame + 5)
  copy.writeUInt16BE(width, frame + 7)
  return copy
}

/** Returns the offset of the frame header. @throws if there is none */
export function findFrame(bytes: Buffer): number {
  for (let at = 2; at < bytes.length; at += 2 + bytes.readUInt16BE(at + 2)) {
    const marker = bytes[at + 1] as number
    if (marker === 0xc0 || marker === 0xc2) return at
  }
  throw new Error('no frame in this JPEG')
}

/**
 * Creates a "scan bomb": a gray progressive JPEG whose scans of a few bytes change nothing. Each scan makes the decoder
 * visit all coefficients of the picture.
 */
export function scanBomb({ width, height, scans }: { width: number; height: number; scans: number }): Buffer {
  const blocks = Math.ceil(width / 8) * Math.ceil(height / 8)
  const parts = [
    Buffer.from([0xff, 0xd8]),
    jpegSegment(0xdb, Buffer.concat([Buffer.from([0]), Buffer.alloc(64, 1)])),
    jpegSegment(0xc2, Buffer.from([8, ...u16(height), ...u16(width), 1, 1, 0x11, 0])),
    // One code, "0", for a difference of zero.
    jpegSegment(0xc4, Buffer.from([0x00, 1, ...Array(15).fill(0), 0])),
    // "0" starts a run of 2^14 or more empty blocks, extended by the next 14 bits; "10" ends one block.
    jpegSegment(0xc4, Buffer.from([0x10, 1, 1, ...Array(14).fill(0), 0xe0, 0x00])),
    jpegSegment(0xda, Buffer.from([1, 1, 0x00, 0, 0, 0x00])),
    zeroBits(blocks),
  ]
  // Each run has the code and 14 bits for the blocks beyond 2^14.
  const runs = Math.ceil(blocks / 2 ** 14)
  const refinement = Buffer.concat([jpegSegment(0xda, Buffer.from([1, 1, 0x00, 1, 63, 0x00])), zeroBits(runs * 15)])
  for (let scan = 0; scan < scans; scan += 1) parts.push(refinement)
  parts.push(Buffer.from([0xff, 0xd9]))
  return Buffer.concat(parts)
}

/** Returns the given number of zero bits, padded with ones to whole bytes. */
function zeroBits(count: number): Buffer {
  const bytes = Buffer.alloc(Math.ceil(count / 8))
  const rest = count % 8
  if (rest > 0) bytes[bytes.length - 1] = 0xff >> rest
  return bytes
}

/** Creates a flat baseline JPEG with a scan for each channel. */
export async function jpegInSeparateScans({ width, height }: { width: number; height: number }): Promise<Buffer> {
  const options = { chromaSubsampling: '4:4:4', optimiseCoding: false }
  const pixel = { width: 8, height: 8, channels: 3, background: 'gray' } as const
  const bytes = jpegClaimingSize(await sharp({ create: pixel }).jpeg(options).toBuffer(), width, height)
  const head = bytes.subarray(0, bytes.indexOf(Buffer.from([0xff, 0xda])))
  // An empty block is 00 1010 in the standard tables for brightness (ITU-T T.81, K.3): four blocks in three bytes.
  const blocks = Math.ceil(width / 8) * Math.ceil(height / 8)
  const pixels = Buffer.alloc(Math.ceil(blocks / 4) * 3, Buffer.from([0b00101000, 0b10100010, 0b10001010]))
  const scans = [1, 2, 3].flatMap((channel) => [jpegSegment(0xda, Buffer.from([1, channel, 0x00, 0, 63, 0])), pixels])
  return Buffer.concat([head, ...scans, Buffer.from([0xff, 0xd9])])
}

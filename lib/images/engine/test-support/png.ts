import { crc32, deflateSync } from 'node:zlib'
import { readPngChunks } from '@/lib/images/engine/png-chunks'

/** Builds PNG files chunk by chunk (https://www.w3.org/TR/png-3/). */

/** Colour types of IHDR. */
export const pngColour = { gray: 0, rgb: 2, palette: 3, grayAlpha: 4, rgba: 6 }

export interface PngHeader {
  width: number
  height: number
  /** Bits per channel. */
  depth?: number
  colour?: number
  isInterlaced?: boolean
}

export function pngChunk(type: string, body: Uint8Array | string = ''): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), Buffer.from(body as string, 'latin1')])
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(named.length - 4)
  sum.writeUInt32BE(crc32(named))
  return Buffer.concat([length, named, sum])
}

/** Creates a PNG of scan lines, each with its filter byte first; the other chunks precede them. */
export function png(header: PngHeader, scanLines: Uint8Array, ...chunks: Buffer[]): Buffer {
  return pngOf(header, [...chunks, pngChunk('IDAT', deflateSync(scanLines, { level: 9 }))])
}

/** Creates a PNG of the given chunks. */
export function pngOf(header: PngHeader, chunks: Buffer[]): Buffer {
  const { width, height, depth = 8, colour = pngColour.rgb, isInterlaced = false } = header
  const ihdr = Buffer.alloc(13)
  ihdr.writeUInt32BE(width, 0)
  ihdr.writeUInt32BE(height, 4)
  ihdr.set([depth, colour, 0, 0, Number(isInterlaced)], 8)
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    pngChunk('IHDR', ihdr),
    ...chunks,
    pngChunk('IEND'),
  ])
}

/** Creates a well-formed PNG that claims the given size but contains almost no data. */
export function pngClaimingSize(width: number, height: number): Buffer {
  return png({ width, height }, Buffer.alloc(400_000))
}

/** Inserts chunks after the header of a PNG. */
export function insertPngChunks(bytes: Uint8Array, ...chunks: Buffer[]): Buffer {
  const headerEnd = 8 + 25
  return Buffer.concat([bytes.subarray(0, headerEnd), ...chunks, bytes.subarray(headerEnd)])
}

/**
 * Creates an animated PNG of two frames from PNGs of one size and kind (W3C PNG, 4.10).
 * @param hidden a default image that is not part of the animation
 */
export function animatedPng(frames: readonly [Buffer, Buffer], hidden?: Buffer): Buffer {
  const [first, second] = frames
  const chunksOf = (file: Buffer) => [...readPngChunks(file)].filter(({ name }) => name === 'IDAT')
  let sequence = 0
  const number = (value: number) => {
    const bytes = Buffer.alloc(4)
    bytes.writeUInt32BE(value)
    return bytes
  }
  // The size of the header, no offset, half a second, and no change after the frame.
  const control = () => {
    const rest = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 2, 0, 0])
    return pngChunk('fcTL', Buffer.concat([number(sequence++), first.subarray(16, 24), rest]))
  }
  const later = (file: Buffer) => [
    control(),
    ...chunksOf(file).map(({ body }) => pngChunk('fdAT', Buffer.concat([number(sequence++), body]))),
  ]
  const plain = (file: Buffer) => chunksOf(file).map(({ body }) => pngChunk('IDAT', body))
  return Buffer.concat([
    first.subarray(0, 33),
    pngChunk('acTL', Buffer.concat([number(2), number(0)])),
    ...(hidden ? [...plain(hidden), ...later(first)] : [control(), ...plain(first)]),
    ...later(second),
    pngChunk('IEND'),
  ])
}

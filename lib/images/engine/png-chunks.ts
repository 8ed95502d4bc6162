import { crc32 } from 'node:zlib'
import { pngChunks } from '@/lib/images/file/png-chunks'

export interface PngChunk {
  name: string
  body: Buffer
  /** Where the chunk begins and ends in the file. */
  at: number
  end: number
}

/** Where the signature and the chunk IHDR end. */
export const pngHeaderEnd = 33

/** Reads the complete chunks of a PNG. */
export function* readPngChunks(png: Buffer): Generator<PngChunk> {
  for (const { name, at, end } of pngChunks(png)) {
    if (end <= png.length) yield { name, body: png.subarray(at + 8, end - 4), at, end }
  }
}

export function writePngChunk(name: string, bodies: readonly Buffer[]): Buffer {
  const named = Buffer.concat([Buffer.from(name, 'latin1'), ...bodies])
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(named.length - 4)
  sum.writeUInt32BE(crc32(named))
  return Buffer.concat([length, named, sum])
}

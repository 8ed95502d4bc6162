import { crc32 } from 'node:zlib'

export interface PngChunk {
  name: string
  body: Buffer
  /** Where the chunk begins and ends in the file. */
  at: number
  end: number
}

/** Where the signature and the chunk IHDR end. */
export const pngHeaderEnd = 33

/** Reads the chunks after IHDR (W3C PNG, 5.3: length, type, data, checksum), up to the first incomplete one. */
export function* readPngChunks(png: Buffer): Generator<PngChunk> {
  for (let at = pngHeaderEnd; at + 12 <= png.length; ) {
    const end = at + 12 + png.readUInt32BE(at)
    if (end > png.length) return
    yield { name: png.toString('latin1', at + 4, at + 8), body: png.subarray(at + 8, end - 4), at, end }
    at = end
  }
}

export function writePngChunk(name: string, bodies: readonly Buffer[]): Buffer {
  const named = Buffer.concat([Buffer.from(name, 'latin1'), ...bodies])
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(named.length - 4)
  sum.writeUInt32BE(crc32(named))
  return Buffer.concat([length, named, sum])
}

/** Builds WebP files chunk by chunk (https://developers.google.com/speed/webp/docs/riff_container). */

export interface RiffChunk {
  name: string
  body: Buffer
}

/** Reads the chunks and the stated size in bytes of a RIFF file. */
export function readRiff(bytes: Buffer): { size: number; chunks: RiffChunk[] } {
  const chunks: RiffChunk[] = []
  for (let at = 12; at < bytes.length; ) {
    const length = bytes.readUInt32LE(at + 4)
    chunks.push({ name: bytes.toString('latin1', at, at + 4), body: bytes.subarray(at + 8, at + 8 + length) })
    at += 8 + length + (length % 2)
  }
  return { size: bytes.readUInt32LE(4) + 8, chunks }
}

export function webpOf(chunks: RiffChunk[]): Buffer {
  const parts = chunks.map(({ name, body }) => {
    const head = Buffer.alloc(8)
    head.write(name, 'latin1')
    head.writeUInt32LE(body.length, 4)
    return Buffer.concat([head, body, Buffer.alloc(body.length % 2)])
  })
  const content = Buffer.concat([Buffer.from('WEBP', 'latin1'), ...parts])
  const head = Buffer.from('RIFF\0\0\0\0', 'latin1')
  head.writeUInt32LE(content.length, 4)
  return Buffer.concat([head, content])
}

const u24 = (value: number) => [value & 255, (value >> 8) & 255, (value >> 16) & 255]

/** Flags of VP8X. */
export const webpFlags = { animation: 0x02, xmp: 0x04, exif: 0x08, alpha: 0x10, icc: 0x20 }

export function webpHeader(flags: number, width: number, height: number): RiffChunk {
  return { name: 'VP8X', body: Buffer.from([flags, 0, 0, 0, ...u24(width - 1), ...u24(height - 1)]) }
}

/** Creates an animation that repeats one picture, with 0.1 s per frame. */
export function animatedWebp(still: Buffer, { width, height }: { width: number; height: number }, frames: number) {
  const pixels = readRiff(still).chunks.filter(({ name }) => /^(VP8[ L]|ALPH)$/.test(name))
  const [head, body] = [
    Buffer.from([0, 0, 0, 0, 0, 0, ...u24(width - 1), ...u24(height - 1), ...u24(100), 0]),
    webpOf(pixels),
  ]
  const frame = { name: 'ANMF', body: Buffer.concat([head, body.subarray(12)]) }
  return webpOf([
    webpHeader(webpFlags.animation | webpFlags.alpha, width, height),
    { name: 'ANIM', body: Buffer.alloc(6) },
    ...Array.from({ length: frames }, () => frame),
  ])
}

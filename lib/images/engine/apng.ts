import { type PngChunk, readPngChunks, writePngChunk } from './png-chunks'

/**
 * Returns an animated PNG that starts with its first frame (W3C PNG, 4.10). libvips draws the default image, which may
 * be another picture that only programs without animation show. A first frame smaller than the canvas is not supported.
 * Copies the bytes only to change them.
 */
export function withFirstFrame(png: Uint8Array): Uint8Array {
  const bytes = Buffer.from(png.buffer, png.byteOffset, png.byteLength)
  const pixelsAt = hiddenPixelsAt(bytes)
  if (pixelsAt === null) return png
  const chunks = [...readPngChunks(bytes)]
  const controlAt = chunks.findIndex(({ name }) => name === 'fcTL')
  const control = chunks[controlAt]
  const pixels = [...readFrame(chunks.slice(controlAt + 1))]
  if (!control || pixels.length === 0 || !fillsCanvas(control, bytes)) return png
  return Buffer.concat([bytes.subarray(0, pixelsAt), ...pixels, writePngChunk('IEND', [])])
}

/** Returns where the default image starts if it is not the first frame; null in any other PNG. */
function hiddenPixelsAt(bytes: Buffer): number | null {
  let isAnimated = false
  for (const { name, at } of readPngChunks(bytes)) {
    // If a frame starts before the pixels, the default image is that frame.
    if (name === 'fcTL') return null
    if (name === 'acTL') isAnimated = true
    if (name === 'IDAT') return isAnimated ? at : null
  }
  return null
}

function fillsCanvas({ body }: PngChunk, bytes: Buffer): boolean {
  const size = bytes.subarray(16, 24)
  return body.length >= 20 && body.subarray(4, 12).equals(size) && body.readUInt32BE(12) + body.readUInt32BE(16) === 0
}

/** Returns the pixels of the frame that the chunks begin with. */
function* readFrame(chunks: readonly PngChunk[]): Generator<Buffer> {
  for (const { name, body } of chunks) {
    if (name !== 'fdAT') return
    // A sequence number comes before the data.
    yield writePngChunk('IDAT', [body.subarray(4)])
  }
}

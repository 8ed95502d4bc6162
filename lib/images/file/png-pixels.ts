import { pngChunks } from './png-chunks'

/** Bits per pixel ÷ bit depth, by colour type (W3C PNG, 11.2.1). */
const channels: Record<number, number> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }

/** The seven passes of an interlaced image: first column and row, and the distance to the next (W3C PNG, 8.1). */
const passes = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const

/** Returns whether the complete chunks of a PNG contain every row, whatever follows. Keeps no pixel. */
export async function hasAllPngPixels(bytes: Uint8Array): Promise<boolean> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.length < 33) return false
  let missing = rowBytes(view)
  const inflating = readIdat(bytes).pipeThrough(new DecompressionStream('deflate')).getReader()
  try {
    while (missing > 0) {
      const { value, done } = await inflating.read()
      if (done) return false
      missing -= value.length
    }
    return true
  } catch {
    // The compressed data ends too early or is damaged.
    return false
  } finally {
    await inflating.cancel().catch(() => undefined)
  }
}

/** Returns the length of all rows with their filter bytes. */
function rowBytes(view: DataView): number {
  const [width, height] = [view.getUint32(16), view.getUint32(20)]
  const bitsPerPixel = view.getUint8(24) * (channels[view.getUint8(25)] ?? 0)
  const isInterlaced = view.getUint8(28) === 1
  const parts = isInterlaced ? passes : ([[0, 0, 1, 1]] as const)
  return parts.reduce((sum, [left, top, stepX, stepY]) => {
    const [columns, rows] = [Math.ceil((width - left) / stepX), Math.ceil((height - top) / stepY)]
    return columns > 0 && rows > 0 ? sum + rows * (1 + Math.ceil((columns * bitsPerPixel) / 8)) : sum
  }, 0)
}

/** Streams the data of the IDAT chunks that are complete. */
function readIdat(bytes: Uint8Array): ReadableStream<Uint8Array<ArrayBuffer>> {
  const chunks = pngChunks(bytes)
  return new ReadableStream({
    pull(controller) {
      for (let next = chunks.next(); !next.done; next = chunks.next()) {
        const { name, at, end } = next.value
        const hasData = name === 'IDAT' && end - at > 12 && end <= bytes.length
        if (hasData) return controller.enqueue(bytes.slice(at + 8, end - 4))
      }
      controller.close()
    },
  })
}

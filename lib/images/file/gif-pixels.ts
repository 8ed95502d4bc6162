import { gifBlocks } from './gif-blocks'

/** One image of a GIF. */
interface GifImage {
  /** Infinite if the file ends before the size. */
  pixels: number
  /** Index of the first sub-block, after the code size. */
  dataAt: number
}

/** Lists the images of a GIF, without decoding them. The last one may be incomplete. */
export function listGifImages(bytes: Uint8Array): GifImage[] {
  const images: GifImage[] = []
  for (const { type, at, dataAt } of gifBlocks(bytes)) {
    if (type !== 'image') continue
    const isCut = at + 10 > bytes.length
    const pixels = isCut ? Number.POSITIVE_INFINITY : readShort(bytes, at + 5) * readShort(bytes, at + 7)
    images.push({ pixels, dataAt })
  }
  return images
}

/** Returns whether the last image of a GIF has the codes of all its pixels, whatever follows. Keeps no pixel. */
export function hasAllGifPixels(bytes: Uint8Array): boolean {
  const last = listGifImages(bytes).at(-1)
  return last !== undefined && countPixels(bytes, last.dataAt) >= last.pixels
}

/** Counts the pixels of LZW data: codes of growing length, each for a known number of pixels (GIF89a, appendix F). */
function countPixels(bytes: Uint8Array, dataAt: number): number {
  const minBits = bytes[dataAt - 1] ?? 0
  if (minBits < 1 || minBits > 8) return 0
  const clear = 1 << minBits
  const end = clear + 1
  const lengths = new Uint32Array(4096).fill(1, 0, clear)
  let [next, bits, previous, pixels] = [end + 1, minBits + 1, 0, 0]
  let [buffer, available] = [0, 0]
  for (const byte of subBlockBytes(bytes, dataAt)) {
    buffer |= byte << available
    available += 8
    while (available >= bits) {
      const code = buffer & ((1 << bits) - 1)
      buffer >>>= bits
      available -= bits
      if (code === end) return pixels
      if (code === clear) {
        ;[next, bits, previous] = [end + 1, minBits + 1, 0]
        continue
      }
      // Each code but the first adds one: the previous string and one more pixel.
      if (previous > 0 && next < 4096) {
        lengths[next] = previous + 1
        next += 1
        if (next === 1 << bits && bits < 12) bits += 1
      }
      if (code >= next) return pixels
      previous = lengths[code] as number
      pixels += previous
    }
  }
  return pixels
}

/** Returns the bytes of consecutive sub-blocks, up to the terminator or the end of the file. */
function* subBlockBytes(bytes: Uint8Array, from: number): Generator<number> {
  for (let at = from; bytes[at]; at += 1 + (bytes[at] as number)) {
    for (const byte of bytes.subarray(at + 1, at + 1 + (bytes[at] as number))) yield byte
  }
}

const readShort = (bytes: Uint8Array, at: number) => (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8)

import { listGifImages } from './gif-pixels'
import { readImageType } from './image-type'
import { pngChunks } from './png-chunks'

/** Returns the number of frames of a GIF or WebP, without decoding them; 1 for a still picture and other types. */
export function countFrames(bytes: Uint8Array): number {
  const type = readImageType(bytes)
  if (type === 'image/gif') return Math.max(1, listGifImages(bytes).length)
  return type === 'image/webp' ? Math.max(1, countWebpFrames(bytes)) : 1
}

/** Returns whether a file may move, from its first bytes: any GIF, and a WebP or PNG that announces an animation. */
export function mayBeAnimated(start: Uint8Array): boolean {
  const type = readImageType(start)
  return type === 'image/gif' || (type === 'image/webp' && hasAnimationFlag(start)) || isAnimatedPng(start)
}

const chunkName = (name: string) => new DataView(new TextEncoder().encode(name).buffer).getUint32(0)
const [vp8x, anmf] = [chunkName('VP8X'), chunkName('ANMF')]

/** Returns whether a PNG is animated: it has the chunk acTL before its pixels. Hosts save its first frame as a still. */
export function isAnimatedPng(bytes: Uint8Array): boolean {
  if (readImageType(bytes) !== 'image/png') return false
  for (const { name } of pngChunks(bytes)) if (name === 'acTL' || name === 'IDAT') return name === 'acTL'
  return false
}

/** Reads the flags of the first chunk (developers.google.com/speed/webp/docs/riff_container, "Extended File Format"). */
function hasAnimationFlag(bytes: Uint8Array): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return bytes.length > 20 && view.getUint32(12) === vp8x && (view.getUint8(20) & 0x02) !== 0
}

/** Counts the chunks ANMF, one for each frame. */
function countWebpFrames(bytes: Uint8Array): number {
  if (!hasAnimationFlag(bytes)) return 0
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let frames = 0
  for (let at = 12; at + 8 <= bytes.length; ) {
    const length = view.getUint32(at + 4, true)
    if (view.getUint32(at) === anmf) frames += 1
    at += 8 + length + (length % 2)
  }
  return frames
}

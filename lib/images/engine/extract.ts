import 'server-only'
import type { Sharp } from 'sharp'
import type { Size } from '@/lib/images/geometry'
import type { Area, Recipe } from '@/lib/images/schema'
import { applyAffine } from './affine'
import { type ExtractPlan, planExtract, rotationTransform } from './extract-plan'
import type { Header } from './header'
import { orientedSize } from './orientation'
import {
  applySpace,
  DrawingTooLong,
  fromRaw,
  openFile,
  type RawPixels,
  splitFrames,
  toDrawingError,
  toEightBits,
  toRaw,
} from './sharp'
import { scaleRecipe } from './shown-picture'
import { limitSize, planLoad } from './shrink-on-load'

/**
 * Extracts a recipe's area from each frame of a file at the given size. A smaller area keeps its own size, so that each
 * variant is resampled only once. Decodes the file once, no larger than necessary, and rotates only the extracted part.
 * @returns the frames (one for a still picture), each extracted when it is read; null if the data cannot be decoded
 * @throws DrawingTooLong if decoding takes too long
 */
export async function extractFrames(
  bytes: Uint8Array,
  header: Header,
  recipe: Recipe,
  size: Size,
): Promise<Frames | null> {
  const pixels = orientedSize(header.stored, header.orientation)
  const plan = planExtract(header.stored, header.orientation, scaleRecipe(recipe, header.upright, pixels), size)
  try {
    const sources =
      header.frames === 1 ? [await readStill(bytes, header, plan)] : cutEach(await readAnimation(bytes, header), plan)
    return extractEach(sources, plan, size)
  } catch (error) {
    const reason = toDrawingError(error)
    if (reason instanceof DrawingTooLong) throw reason
    // The header is valid, so the data is corrupt.
    return null
  }
}

type Frames = AsyncIterable<RawPixels>

/** Extracts the area from the source of each frame. One frame at a time, as parallel work would only hold memory. */
async function* extractEach(sources: RawPixels[] | Frames, plan: ExtractPlan, size: Size): Frames {
  for await (const source of sources) yield shrink(await rotate(await orient(source, plan), plan), size)
}

/** Cuts the source of a plan out of each frame of an animation, no larger than necessary. */
async function* cutEach(frames: RawPixels[], { source, minSize }: ExtractPlan): Frames {
  for (const frame of frames) {
    yield toRaw(resize(fromRaw(frame).extract(boxOf(source)), limitSize(source, minSize)))
  }
}

/** Reads the source of a plan as stored, from a file with one frame. */
async function readStill(
  bytes: Uint8Array,
  { format, stored, deepProfile, space, gif }: Header,
  { source, minSize }: ExtractPlan,
): Promise<RawPixels> {
  const plan = planLoad(format, stored, source, minSize)
  const box = boxOf(plan.area)
  const opened = openFile(gif?.bytes ?? bytes, { page: gif?.frames[0] ?? 0 })
  const picture =
    plan.kind === 'extract' ? resize(opened.extract(box), plan.size) : resize(opened, plan.shrunk).extract(box)
  if (deepProfile) return toRaw(await toEightBits(picture, deepProfile))
  return toRaw(space ? await applySpace(picture, space) : picture)
}

/**
 * Reads the frames of an animation as stored. Not only the source: sharp would copy all frames before it cuts them.
 * Shrinking stacked frames as one picture would blend each frame's edge with the next frame.
 */
async function readAnimation(bytes: Uint8Array, { gif }: Header): Promise<RawPixels[]> {
  const opened = openFile(gif?.bytes ?? bytes, { animated: true, page: 0 })
  const loaded = splitFrames(await toRaw(opened))
  // Drops the frames that only the loader of GIF needs.
  return gif ? gif.frames.map((at) => loaded[at] as RawPixels) : loaded
}

const boxOf = ({ x, y, width, height }: Area) => ({ left: x, top: y, width, height })

async function orient(pixels: RawPixels, { orientation }: ExtractPlan): Promise<RawPixels> {
  const { mirrored, quarterTurns } = orientation
  if (!mirrored && quarterTurns === 0) return pixels
  const mirror = fromRaw(pixels).flop(mirrored)
  return toRaw(mirror.rotate(quarterTurns * 90))
}

async function rotate(oriented: RawPixels, { rotation }: ExtractPlan): Promise<RawPixels> {
  if (!rotation) return oriented
  const { transform, size } = rotationTransform(rotation, oriented)
  return applyAffine(oriented, transform, size)
}

async function shrink(pixels: RawPixels, size: Size): Promise<RawPixels> {
  if (pixels.width <= size.width && pixels.height <= size.height) return pixels
  return toRaw(resize(fromRaw(pixels), size))
}

const resize = (picture: Sharp, { width, height }: Size) => picture.resize(width, height, { fit: 'fill' })

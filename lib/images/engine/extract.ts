import 'server-only'
import type { Sharp } from 'sharp'
import type { Size } from '@/lib/images/geometry'
import type { Recipe } from '@/lib/images/schema'
import { applyAffine } from './affine'
import { type ExtractPlan, planExtract, rotationTransform } from './extract-plan'
import type { Header } from './header'
import { orientedSize } from './orientation'
import { applySpace, fromRaw, openFile, type RawPixels, splitFrames, toEightBits, toRaw } from './sharp'
import { scaleRecipe } from './shown-picture'
import { type LoadPlan, planLoad } from './shrink-on-load'

/**
 * Extracts a recipe's area from each frame of a file at the given size. A smaller area keeps its own size, so that each
 * variant is resampled only once. Decodes the file once, no larger than necessary, and rotates only the extracted part.
 * @returns the frames (one for a still picture), or null if the data cannot be decoded
 */
export async function extractArea(
  bytes: Uint8Array,
  header: Header,
  recipe: Recipe,
  size: Size,
): Promise<[RawPixels, ...RawPixels[]] | null> {
  const pixels = orientedSize(header.stored, header.orientation)
  const plan = planExtract(header.stored, header.orientation, scaleRecipe(recipe, header.upright, pixels), size)
  const source = await readSource(bytes, header, plan)
  if (!source) return null
  const extract = async (frame: RawPixels) => shrink(await rotate(await orient(frame, plan), plan), size)
  const [first, ...others] = usedFrames(splitFrames(source), header)
  const frames: [RawPixels, ...RawPixels[]] = [await extract(first)]
  // Sequential: processing frames in parallel would only hold memory.
  for (const frame of others) frames.push(await extract(frame))
  return frames
}

/**
 * Reads the source's pixels as stored. The header is valid, so a failure here means corrupt data or a decompression
 * bomb that ran into the timeout: returns null.
 */
async function readSource(
  bytes: Uint8Array,
  { format, stored, frames, deepProfile, space, gif }: Header,
  { source, minSize }: ExtractPlan,
) {
  // Shrinking stacked frames as one picture would blend each frame's edge with the next frame.
  const plan: LoadPlan =
    frames === 1 ? planLoad(format, stored, source, minSize) : { kind: 'extract', area: source, size: source }
  const { x: left, y: top, width, height } = plan.area
  const box = { left, top, width, height }
  try {
    const isAnimated = frames > 1
    const opened = openFile(gif?.bytes ?? bytes, { animated: isAnimated, page: isAnimated ? 0 : (gif?.frames[0] ?? 0) })
    const picture =
      plan.kind === 'extract' ? resize(opened.extract(box), plan.size) : resize(opened, plan.shrunk).extract(box)
    if (deepProfile) return await toRaw(await toEightBits(picture, deepProfile))
    return await toRaw(space ? await applySpace(picture, space) : picture)
  } catch {
    return null
  }
}

/** Drops the frames that only the loader of GIF needs. A still picture was loaded without them. */
function usedFrames(loaded: [RawPixels, ...RawPixels[]], { frames, gif }: Header): [RawPixels, ...RawPixels[]] {
  if (!gif || frames === 1) return loaded
  return gif.frames.map((at) => loaded[at]) as [RawPixels, ...RawPixels[]]
}

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

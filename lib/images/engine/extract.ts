import 'server-only'
import type { Sharp } from 'sharp'
import type { Size } from '@/lib/images/geometry'
import type { Recipe } from '@/lib/images/schema'
import { drawMapped } from './affine'
import { type CutPlan, mapTurn, planCut } from './extract-plan'
import type { Header } from './header'
import type { Orientation } from './orientation'
import { framesOf, fromRaw, openFile, type RawPixels, toRaw } from './sharp'
import { type Loading, planLoading } from './shrink-on-load'

/**
 * Cuts a recipe's area out of each frame of a file, at the given size; an area with fewer pixels stays as it is, so that
 * it is drawn anew once. The file is decoded once, no larger than it must be, and only what is left is turned.
 * @returns the frames, one of a still; null when the file's data cannot be decoded
 */
export async function cutOut(
  bytes: Uint8Array,
  header: Header,
  recipe: Recipe,
  size: Size,
): Promise<[RawPixels, ...RawPixels[]] | null> {
  const plan = planCut(header.stored, header.orientation, recipe, size)
  const source = await readSource(bytes, header, plan)
  if (!source) return null
  const cut = async (frame: RawPixels) => shrink(await turn(await lay(frame, plan.orientation), plan), size)
  const [first, ...others] = framesOf(source)
  const frames: [RawPixels, ...RawPixels[]] = [await cut(first)]
  // One after the other: many at once would only hold memory.
  for (const frame of others) frames.push(await cut(frame))
  return frames
}

/**
 * The source's pixels, as they are stored. The header was read already, so what fails here is the picture's own
 * data (truncated, corrupt) or the time limit (a bomb): null.
 */
async function readSource(bytes: Uint8Array, { format, stored, frames }: Header, { source, least }: CutPlan) {
  // Frames lie below each other: made smaller together, each would show a little of the next.
  const loading: Loading =
    frames === 1 ? planLoading(format, stored, source, least) : { kind: 'cut', area: source, size: source }
  const { x: left, y: top, width, height } = loading.area
  const box = { left, top, width, height }
  try {
    const opened = openFile(bytes, { animated: frames > 1 })
    return await toRaw(
      loading.kind === 'cut' ? fill(opened.extract(box), loading.size) : fill(opened, loading.whole).extract(box),
    )
  } catch {
    return null
  }
}

async function lay(pixels: RawPixels, { mirrored, quarterTurns }: Orientation): Promise<RawPixels> {
  if (!mirrored && quarterTurns === 0) return pixels
  return toRaw(
    fromRaw(pixels)
      .flop(mirrored)
      .rotate(quarterTurns * 90),
  )
}

async function turn(laid: RawPixels, plan: CutPlan): Promise<RawPixels> {
  if (!plan.turn) return laid
  const { map, size } = mapTurn(plan.turn, laid)
  return drawMapped(laid, map, size)
}

async function shrink(pixels: RawPixels, size: Size): Promise<RawPixels> {
  if (pixels.width <= size.width && pixels.height <= size.height) return pixels
  return toRaw(fill(fromRaw(pixels), size))
}

const fill = (picture: Sharp, { width, height }: Size) => picture.resize(width, height, { fit: 'fill' })

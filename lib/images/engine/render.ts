import 'server-only'
import type { Variant } from '@/lib/images/collections'
import { canvasSize, isInside, type Size } from '@/lib/images/geometry'
import type { Recipe } from '@/lib/images/schema'
import { ok, type Result, refuse } from '@/lib/result'
import { extractArea } from './extract'
import type { Animation, Header } from './header'
import { fromRaw, joinFrames, type RawPixels, toRaw } from './sharp'

export interface RenderedVariant {
  name: string
  width: number
  height: number
  /** WebP, upright, sRGB, without metadata; animated if the upload is. */
  bytes: Buffer
  /** The first frame of an animation as a WebP; null for a still picture. */
  poster: Buffer | null
}

/**
 * Crops and renders all variants. An animation keeps its frames and timing.
 * Order of the steps (docs/contract.md): upright, flip, rotate clockwise about the centre, extract, resize.
 * Error codes: `invalid_request` (area outside the canvas), `unreadable_image`.
 * @param variants sorted, largest first
 */
export async function renderVariants(
  bytes: Uint8Array,
  header: Header,
  recipe: Recipe,
  variants: readonly Variant[],
): Promise<Result<RenderedVariant[]>> {
  const canvas = canvasSize(header.upright, recipe.rotate)
  if (!isInside(recipe.area, canvas)) {
    const message = `outside the canvas of ${canvas.width}×${canvas.height} pixels`
    return refuse('invalid_request', { fields: [{ path: 'area', message }] })
  }
  const [largest] = variants
  if (!largest) return ok([])
  // Every variant is resized from the pixels of the largest, so the file is decoded once.
  const frames = await extractArea(bytes, header, recipe, largest)
  if (!frames) return refuse('unreadable_image')
  const { animation } = header
  const rendered: RenderedVariant[] = []
  for (const { name, width, height } of variants) {
    const still = await encodeStill(frames[0], { width, height })
    const bytes = animation ? await encodeAnimation(frames, animation, { width, height }) : still
    rendered.push({ name, width, height, bytes, poster: animation ? still : null })
  }
  return ok(rendered)
}

/** Effort 2 is within 3 % of the file size of effort 4 and takes half the time. */
const webp = { effort: 2, quality: 82 }

const resize = (frame: RawPixels, { width, height }: Size) => fromRaw(frame).resize(width, height, { fit: 'fill' })

const encodeStill = (frame: RawPixels, size: Size) => resize(frame, size).webp(webp).toBuffer()

async function encodeAnimation(
  [first, ...others]: readonly [RawPixels, ...RawPixels[]],
  { delaysMs, loop }: Animation,
  size: Size,
): Promise<Buffer> {
  const frames: [RawPixels, ...RawPixels[]] = [await toRaw(resize(first, size))]
  for (const frame of others) frames.push(await toRaw(resize(frame, size)))
  const animation = { ...webp, effort: 0, delay: delaysMs, loop }
  return fromRaw(joinFrames(frames)).webp(animation).toBuffer()
}

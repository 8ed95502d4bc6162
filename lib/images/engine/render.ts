import 'server-only'
import type { Variant } from '@/lib/images/collections'
import { canvasSize, isInside, type Size } from '@/lib/images/geometry'
import type { Recipe } from '@/lib/images/schema'
import { ok, type Result, refuse } from '@/lib/result'
import { extractFrames } from './extract'
import type { Animation, Header } from './header'
import { DrawingTooLong, drawingSeconds, FrameStack, fromRaw, type RawPixels, toDrawingError, toRaw } from './sharp'

export interface RenderedVariant {
  name: string
  width: number
  height: number
  /** WebP, upright, sRGB, without metadata; animated if the upload is. */
  bytes: Buffer
  /** The first frame of an animation as a WebP; null for a still picture. */
  poster: Buffer | null
}

export interface RenderOptions {
  /** Checked between decoding, frames and variants. */
  signal?: AbortSignal
  /** Longest time in milliseconds, checked at the same places. */
  maxMs?: number
}

/**
 * Crops and renders all variants. An animation keeps its frames and timing.
 * Order of the steps (docs/contract.md): upright, flip, rotate clockwise about the centre, extract, resize.
 * Error codes: `invalid_request` (area outside the canvas), `unreadable_image`, `too_many_pixels` (takes too long).
 * @param variants sorted, largest first
 * @throws the signal's reason once it is aborted
 */
export async function renderVariants(
  bytes: Uint8Array,
  header: Header,
  recipe: Recipe,
  variants: readonly Variant[],
  { signal, maxMs = drawingSeconds * 1000 }: RenderOptions = {},
): Promise<Result<RenderedVariant[]>> {
  const canvas = canvasSize(header.upright, recipe.rotate)
  if (!isInside(recipe.area, canvas)) {
    const message = `outside the canvas of ${canvas.width}×${canvas.height} pixels`
    return refuse('invalid_request', { fields: [{ path: 'area', message }] })
  }
  const endsAt = performance.now() + maxMs
  const checkTime = () => {
    signal?.throwIfAborted()
    if (performance.now() > endsAt) throw new DrawingTooLong(`drawing took longer than ${maxMs} ms`)
  }
  try {
    const rendered = await render(bytes, header, recipe, variants, checkTime)
    return rendered ? ok(rendered) : refuse('unreadable_image')
  } catch (error) {
    const reason = toDrawingError(error)
    if (reason instanceof DrawingTooLong) return refuse('too_many_pixels')
    throw reason
  }
}

async function render(
  bytes: Uint8Array,
  header: Header,
  recipe: Recipe,
  variants: readonly Variant[],
  checkTime: () => void,
): Promise<RenderedVariant[] | null> {
  const { animation } = header
  const [largest] = variants
  if (!largest) return []
  // Every variant is resized from the pixels of the largest, so the file is decoded once.
  const frames = await extractFrames(bytes, header, recipe, largest)
  if (!frames) return null
  const drawn = variants.map((variant) => ({ variant, still: Buffer.alloc(0), stack: new FrameStack(header.frames) }))
  let isFirst = true
  for await (const frame of frames) {
    for (const target of drawn) {
      checkTime()
      if (isFirst) target.still = await encodeStill(frame, target.variant)
      if (animation) target.stack.push(await toRaw(resize(frame, target.variant)))
    }
    isFirst = false
  }
  const rendered: RenderedVariant[] = []
  for (const { variant, still, stack } of drawn) {
    checkTime()
    const { name, width, height } = variant
    const bytes = animation ? await encodeAnimation(stack, animation) : still
    rendered.push({ name, width, height, bytes, poster: animation ? still : null })
  }
  return rendered
}

/** Effort 2 is within 3 % of the file size of effort 4 and takes half the time. */
const webp = { effort: 2, quality: 82 }

const resize = (frame: RawPixels, { width, height }: Size) => fromRaw(frame).resize(width, height, { fit: 'fill' })

const encodeStill = (frame: RawPixels, size: Size) => resize(frame, size).webp(webp).toBuffer()

const encodeAnimation = (stack: FrameStack, { delaysMs, loop }: Animation) =>
  stack
    .open()
    .webp({ ...webp, effort: 0, delay: delaysMs, loop })
    .toBuffer()

import sharp from 'sharp'
import { describe, expect, test, vi } from 'vitest'
import type { Recipe } from '@/lib/images/schema'
import { readHeader } from './header'
import { type RenderOptions, renderVariants } from './render'
import { DrawingTooLong, FrameStack, toDrawingError } from './sharp'
import { extractAll } from './test-support/extract-all'
import {
  averageBoxes,
  createPattern,
  decodeStored,
  difference,
  type Pixels,
  referenceCrop,
} from './test-support/reference-render'

const size = { width: 120, height: 90 }
const delay = [40, 500, 70, 120]
const variants = [
  { name: 'large', width: 60, height: 60 },
  { name: 'small', width: 30, height: 30 },
]

/** Creates opaque frames that all differ, with waves long enough for the palette of a GIF. */
function createFrames(): Pixels[] {
  return delay.map((_, at) => {
    const frame = createPattern(size, 2 + at)
    for (let alpha = 3; alpha < frame.data.length; alpha += 4) frame.data[alpha] = 255
    return frame
  })
}

async function animate(format: 'gif' | 'webp', loop: number): Promise<Buffer> {
  const data = Buffer.concat(createFrames().map((frame) => Buffer.from(frame.data)))
  const raw = { width: size.width, height: size.height * delay.length, channels: 4 as const, pageHeight: size.height }
  const picture = sharp(data, { raw })
  return format === 'gif'
    ? picture.gif({ delay, loop, dither: 0 }).toBuffer()
    : picture.webp({ delay, loop, lossless: true }).toBuffer()
}

const frameOf = async (bytes: Buffer, page: number) => decodeStored(await sharp(bytes, { page }).png().toBuffer())

async function render(bytes: Buffer, recipe: Recipe) {
  const header = await readHeader(bytes, 1e9)
  if (!header.ok) throw new Error(header.code)
  const rendered = await renderVariants(bytes, header.value, recipe, variants)
  if (!rendered.ok) throw new Error(rendered.code)
  return rendered.value
}

const noFlip = { horizontal: false, vertical: false }
const area = { x: 9, y: 14, width: 60, height: 60 }

describe.each(['gif', 'webp'] as const)('for an animated %s', (format) => {
  test.each<[string, Recipe]>([
    ['unchanged', { area, rotate: 0, flip: noFlip }],
    ['turned by 90° and flipped', { area, rotate: 90, flip: { horizontal: true, vertical: false } }],
    ['turned by 17.5° and flipped', { area, rotate: 17.5, flip: { horizontal: false, vertical: true } }],
  ])('%s: keeps frames, timing and loop in each variant, and adds a poster', async (_name, recipe) => {
    const bytes = await animate(format, 3)
    const [large, small] = await render(bytes, recipe)
    for (const variant of [large, small]) {
      if (!variant?.poster) throw new Error('no poster')
      expect(await sharp(variant.bytes).metadata()).toMatchObject({
        format: 'webp',
        width: variant.width,
        height: variant.height,
        pages: 4,
        delay,
        loop: 3,
      })
      expect(await sharp(variant.poster).metadata()).toMatchObject({ width: variant.width, height: variant.height })
      expect((await sharp(variant.poster).metadata()).pages).toBeUndefined()
      for (let page = 0; page < delay.length; page += 1) {
        const expected = averageBoxes(referenceCrop(await frameOf(bytes, page), recipe), 60 / variant.width)
        const off = difference(await frameOf(variant.bytes, page), expected)
        expect(off.colour, `frame ${page}`).toBeLessThan(5)
        expect(off.alpha, `frame ${page}`).toBeLessThan(1.5)
        // The comparison notices another frame.
        const other = averageBoxes(referenceCrop(await frameOf(bytes, (page + 1) % 4), recipe), 60 / variant.width)
        expect(difference(await frameOf(variant.bytes, page), other).colour).toBeGreaterThan(10)
        if (page === 0) expect(difference(await decodeStored(variant.poster), expected).colour).toBeLessThan(5)
      }
    }
  })

  test('keeps a loop count of 0 (forever) and 1', async () => {
    for (const loop of [0, 1]) {
      const [large] = await render(await animate(format, loop), { area, rotate: 0, flip: noFlip })
      expect((await sharp(large?.bytes).metadata()).loop).toBe(loop)
    }
  })

  test('S18: limits the pixels of all frames to half, at the stored or the rendered size', async () => {
    const bytes = await animate(format, 0)
    for (const [variant, pixels] of [
      [{ width: 1, height: 1 }, 4 * size.width * size.height],
      [{ width: 512, height: 512 }, 4 * 512 * 512],
    ] as const) {
      expect((await readHeader(bytes, 2 * pixels, variant)).ok).toBe(true)
      expect(await readHeader(bytes, 2 * pixels - 1, variant)).toEqual({ ok: false, code: 'too_many_pixels' })
    }
  })

  test('rejects a file truncated anywhere', async () => {
    const bytes = await animate(format, 0)
    for (const part of [0.2, 0.5, 0.7, 0.9, 0.999]) {
      const truncated = bytes.subarray(0, Math.floor(bytes.length * part))
      await expect(render(truncated, { area, rotate: 0, flip: noFlip }), `${part}`).rejects.toThrow('unreadable_image')
    }
  })
})

test('limits a delay of minutes to the maximum that sharp can write', async () => {
  const bytes = await animate('gif', 0)
  // The first graphic control extension (GIF89a, 23): its delay, in hundredths of a second.
  bytes.writeUInt16LE(60_000, bytes.indexOf(Buffer.from([0x21, 0xf9, 0x04])) + 4)
  expect((await sharp(bytes).metadata()).delay?.[0]).toBe(600_000)
  const [large] = await render(bytes, { area, rotate: 0, flip: noFlip })
  expect((await sharp(large?.bytes).metadata()).delay).toEqual([65_535, 500, 70, 120])
})

test('does not blend the edges of neighbouring frames', async () => {
  const colours = ['#ff0000', '#0000ff', '#00ff00']
  const frames = await Promise.all(
    colours.map((background) =>
      sharp({ create: { width: 300, height: 300, channels: 3, background } })
        .raw()
        .toBuffer(),
    ),
  )
  const raw = { width: 300, height: 900, channels: 3 as const, pageHeight: 300 }
  const bytes = await sharp(Buffer.concat(frames), { raw })
    .webp({ lossless: true, delay: [100, 100, 100] })
    .toBuffer()
  const header = await readHeader(bytes, 1e9)
  if (!header.ok) throw new Error(header.code)
  const recipe = { area: { x: 0, y: 0, width: 300, height: 300 }, rotate: 0, flip: noFlip }
  const extracted = await extractAll(bytes, header.value, recipe, { width: 60, height: 60 })
  const blue = extracted?.[1]?.data ?? Buffer.from([])
  expect(blue.length).toBe(60 * 60 * 3)
  expect(blue.filter((value, at) => Math.abs(value - (at % 3 === 2 ? 255 : 0)) > 2)).toHaveLength(0)
})

describe('S18: drawing an animation', () => {
  const variants = [
    { name: 'large', width: 256, height: 256 },
    { name: 'small', width: 64, height: 64 },
  ]

  /** Starts to draw 60 frames. */
  async function draw(options: RenderOptions) {
    const frames = Array.from({ length: 60 }, (_, at) => Buffer.alloc(64 * 64 * 3, at * 4))
    const raw = { width: 64, height: 64 * 60, channels: 3 as const, pageHeight: 64 }
    const bytes = await sharp(Buffer.concat(frames), { raw }).webp({ effort: 0 }).toBuffer()
    const header = await readHeader(bytes, 1e9)
    if (!header.ok) throw new Error(header.code)
    const recipe = { area: { x: 0, y: 0, width: 64, height: 64 }, rotate: 0, flip: noFlip }
    return renderVariants(bytes, header.value, recipe, variants, options)
  }

  test('ends between two frames when its time is over, with a refusal', async () => {
    expect((await draw({ maxMs: 60_000 })).ok).toBe(true)
    const resized = vi.spyOn(FrameStack.prototype, 'push')
    // The first check is after decoding; the time is over then.
    expect(await draw({ maxMs: 0 })).toEqual({ ok: false, code: 'too_many_pixels' })
    expect(resized).not.toHaveBeenCalled()
    const clock = vi.spyOn(performance, 'now')
    resized.mockImplementationOnce(() => {
      const late = performance.now() + 60_000
      clock.mockReturnValue(late)
    })
    expect(await draw({ maxMs: 60_000 })).toEqual({ ok: false, code: 'too_many_pixels' })
    expect(resized).toHaveBeenCalledTimes(1)
    vi.restoreAllMocks()
  })

  test('ends between two frames when its signal is aborted', async () => {
    const controller = new AbortController()
    const resized = vi.spyOn(FrameStack.prototype, 'push')
    resized.mockImplementationOnce(() => controller.abort(new Error('gone')))
    await expect(draw({ signal: controller.signal })).rejects.toThrow('gone')
    expect(resized).toHaveBeenCalledTimes(1)
    vi.restoreAllMocks()
  })

  test('reports a pipeline that libvips aborts for its time', async () => {
    const pixels = sharp({ create: { width: 9000, height: 9000, channels: 3, background: 'gray' } })
    const error = await pixels.blur(60).timeout({ seconds: 1 }).raw().toBuffer().then(String, toDrawingError)
    expect(error).toBeInstanceOf(DrawingTooLong)
    expect(toDrawingError(new Error('broken'))).toEqual(new Error('broken'))
  })
})

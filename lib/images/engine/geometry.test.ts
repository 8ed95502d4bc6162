import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canvasSize, type Size } from '@/lib/images/geometry'
import type { Recipe } from '@/lib/images/schema'
import { readHeader } from './header'
import { renderVariants } from './render'
import {
  averageBoxes,
  createPattern,
  decodeStored,
  difference,
  encode,
  flips,
  makeUpright,
  type Pixels,
  referenceCrop,
  shifted,
} from './test-support/reference-render'

const size = { width: 150, height: 110 }
const orientations = [1, 2, 3, 4, 5, 6, 7, 8]
const rotations = [0, 90, 180, 270, 33.3, 201.75]

/** Maximum colour loss of the pattern in WebP; a shift by one pixel changes more than three times as much. */
const colourLoss = 3.5
/** WebP keeps alpha exactly; two interpolation methods differ slightly. */
const alphaLoss = (rotate: number) => (rotate % 90 === 0 ? 0.01 : 1.5)

/** Renders variants, largest first. @returns the last of them */
async function render(bytes: Buffer, recipe: Recipe, ...sizes: Size[]): Promise<Pixels> {
  const header = await readHeader(bytes, 1e9)
  if (!header.ok) throw new Error(header.code)
  const variants = sizes.map((to, index) => ({ name: `${index}`, ...to }))
  const rendered = await renderVariants(bytes, header.value, recipe, variants)
  const variant = rendered.ok && rendered.value.at(-1)
  if (!variant) throw new Error('rejected')
  return decodeStored(variant.bytes)
}

/** An off-centre area within the canvas of every rotation. */
const area = { x: 9, y: 14, width: 84, height: 84 }

describe.each(orientations)('for EXIF orientation %d', async (orientation) => {
  const bytes = await encode(createPattern(size)).withMetadata({ orientation }).png().toBuffer()
  const upright = makeUpright(await decodeStored(bytes), orientation)

  test('reads the upright size from the header', async () => {
    expect(await readHeader(bytes, 1e9)).toMatchObject({
      ok: true,
      value: { upright: { width: upright.width, height: upright.height }, format: 'png' },
    })
  })

  describe.each(flips)('flipped %o', (flip) => {
    test.each(rotations)('and turned by %d degrees: crops like the reference', async (rotate) => {
      const recipe = { area, rotate, flip }
      const rendered = await render(bytes, recipe, area)
      const off = difference(rendered, referenceCrop(upright, recipe))
      expect(off.alpha).toBeLessThan(alphaLoss(rotate))
      expect(off.colour).toBeLessThan(colourLoss)
    })
  })
})

// In AVIF only the boxes `irot` and `imir` define the orientation (ISO/IEC 23008-12, 6.5.10 and 6.5.12).
test.each(orientations)(
  'crops an AVIF with the equivalent of EXIF orientation %d like the reference',
  async (orientation) => {
    const opaque = createPattern(size)
    for (let alpha = 3; alpha < opaque.data.length; alpha += 4) opaque.data[alpha] = 255
    const bytes = await encode(opaque)
      .removeAlpha()
      .withMetadata({ orientation })
      .avif({ quality: 95, effort: 0, chromaSubsampling: '4:4:4' })
      .toBuffer()
    expect(bytes.includes('irot') || bytes.includes('imir')).toBe(orientation !== 1)
    const recipe = { area, rotate: 90, flip: { horizontal: true, vertical: false } }
    const off = difference(await render(bytes, recipe, area), referenceCrop(makeUpright(opaque, orientation), recipe))
    expect(off.colour).toBeLessThan(colourLoss + 1)
  },
)

describe('the comparison notices', async () => {
  const bytes = await encode(createPattern(size)).png().toBuffer()
  const upright = await decodeStored(bytes)

  test.each(rotations)('a shift by one pixel, turned by %d degrees', async (rotate) => {
    const recipe = { area, rotate, flip: { horizontal: true, vertical: false } }
    const rendered = await render(bytes, recipe, area)
    for (const [x, y] of [
      [1, 0],
      [0, 1],
      [-1, 0],
      [0, -1],
    ] as const) {
      const off = difference(rendered, referenceCrop(upright, { ...recipe, area: shifted(area, x, y) }))
      expect(off.alpha).toBeGreaterThan(2 * alphaLoss(rotate))
      expect(off.colour).toBeGreaterThan(colourLoss)
    }
  })

  test.each(flips)('a flip other than %o, and a turn in the other direction', async (flip) => {
    for (const rotate of rotations) {
      const rendered = await render(bytes, { area, rotate, flip }, area)
      const others: Recipe[] = flips.filter((other) => other !== flip).map((other) => ({ area, rotate, flip: other }))
      if (rotate % 180 !== 0) others.push({ area, rotate: 360 - rotate, flip })
      for (const other of others) {
        expect(difference(rendered, referenceCrop(upright, other)).colour).toBeGreaterThan(3 * colourLoss)
      }
    }
  })
})

test('averages the pixels for a smaller variant', async () => {
  const bytes = await encode(createPattern(size)).png().toBuffer()
  const upright = await decodeStored(bytes)
  for (const rotate of rotations) {
    const recipe = { area, rotate, flip: { horizontal: false, vertical: true } }
    const expected = averageBoxes(referenceCrop(upright, recipe), 2)
    const off = difference(await render(bytes, recipe, { width: 42, height: 42 }), expected)
    expect(off.alpha).toBeLessThan(3)
    expect(off.colour).toBeLessThan(6)
    const moved = averageBoxes(referenceCrop(upright, { ...recipe, area: shifted(area, 2, 0) }), 2)
    expect(difference(await render(bytes, recipe, { width: 42, height: 42 }), moved).colour).toBeGreaterThan(8)
  }
})

test('enlarges a small area', async () => {
  const bytes = await encode(createPattern(size)).png().toBuffer()
  const recipe = {
    area: { x: 20, y: 30, width: 10, height: 10 },
    rotate: 0,
    flip: { horizontal: false, vertical: false },
  }
  const large = await render(bytes, recipe, { width: 80, height: 80 })
  const off = difference(averageBoxes(large, 8), referenceCrop(await decodeStored(bytes), recipe))
  expect(off.colour).toBeLessThan(8)
})

test('keeps the exact pixels in a variant of the size of the area', async () => {
  const data = createPattern(size).data.map((value, index) => (index % 4 < 3 ? value : (index * 7919) % 256))
  const bytes = await encode({ ...size, data })
    .png()
    .toBuffer()
  const recipe = { area, rotate: 0, flip: { horizontal: false, vertical: false } }
  const off = difference(
    await render(bytes, recipe, { width: 336, height: 336 }, area),
    referenceCrop({ ...size, data }, recipe),
  )
  // WebP loses some colour but no alpha.
  expect(off.alpha).toBe(0)
})

// On the whole canvas of an opaque picture, alpha shows the position of every edge.
test('centres the picture on its canvas, for any size and angle', async () => {
  const side = fc.integer({ min: 1, max: 48 })
  const degrees = fc.oneof(fc.constantFrom(0, 90, 180, 270), fc.double({ min: 0, max: 359.999, noNaN: true }))
  await fc.assert(
    fc.asyncProperty(side, side, degrees, fc.constantFrom(...flips), async (width, height, rotate, flip) => {
      const data = new Uint8Array(width * height * 4).fill(255)
      const opaque = { width, height, data }
      const canvas = canvasSize(opaque, rotate)
      const recipe = { area: { x: 0, y: 0, ...canvas }, rotate, flip }
      const rendered = await render(await encode(opaque).png().toBuffer(), recipe, canvas)
      const expected = referenceCrop(opaque, recipe)
      // Two interpolation methods differ at edges, by less than a sixth of a pixel along the outline.
      const bound = (255 * 2 * (width + height)) / 6 / (canvas.width * canvas.height)
      expect(difference(rendered, expected).alpha).toBeLessThanOrEqual(rotate % 90 === 0 ? 1e-9 : bound + 0.5)
    }),
    { numRuns: 100 },
  )
})

test.each([0, 90, 180, 270])('keeps the edges of an opaque picture opaque, turned by %d degrees', async (rotate) => {
  const opaque = { width: 40, height: 30, data: new Uint8Array(40 * 30 * 4).fill(255) }
  const canvas = canvasSize(opaque, rotate)
  const recipe = { area: { x: 0, y: 0, ...canvas }, rotate, flip: { horizontal: false, vertical: false } }
  const { data } = await render(await encode(opaque).png().toBuffer(), recipe, canvas)
  expect(data.filter((value, at) => at % 4 === 3 && value !== 255)).toHaveLength(0)
})

test('leaves corners transparent, with no dark seam at the edge of the picture', async () => {
  const white = { width: 60, height: 60, data: new Uint8Array(60 * 60 * 4).fill(255) }
  const canvas = canvasSize(white, 45)
  const recipe = { area: { x: 0, y: 0, ...canvas }, rotate: 45, flip: { horizontal: false, vertical: false } }
  for (const to of [canvas, { width: 40, height: 40 }]) {
    const { data, width, height } = await render(await encode(white).png().toBuffer(), recipe, to)
    const alphaAt = (x: number, y: number) => data[(y * width + x) * 4 + 3]
    for (const [x, y] of [
      [0, 0],
      [width - 1, 0],
      [0, height - 1],
      [width - 1, height - 1],
    ] as const) {
      expect(alphaAt(x, y)).toBe(0)
    }
    expect(alphaAt(Math.floor(width / 2), Math.floor(height / 2))).toBe(255)
    for (let at = 0; at < data.length; at += 4) {
      if ((data[at + 3] as number) >= 32) expect(data[at]).toBeGreaterThan(235)
    }
  }
})

import fc from 'fast-check'
import type { Sharp } from 'sharp'
import { expect, test } from 'vitest'
import { canvasSize } from '@/lib/images/geometry'
import { propertyRun } from '@/tools/testing/property-run'
import { readHeader } from './header'
import { fromRaw } from './sharp'
import { extractAll } from './test-support/extract-all'
import {
  averageBoxes,
  createPattern,
  decodeStored,
  difference,
  encode,
  flips,
  makeUpright,
  referenceCrop,
  shifted,
} from './test-support/reference-render'

const encoders: Record<string, (picture: Sharp) => Sharp> = {
  png: (picture) => picture.png(),
  webp: (picture) => picture.webp({ lossless: true }),
  jpg: (picture) => picture.removeAlpha().jpeg({ quality: 98, chromaSubsampling: '4:4:4' }),
}

/** A uniform fraction: fast-check's own doubles cluster near 0. */
const fraction = fc.integer({ min: 0, max: 1000 }).map((thousandths) => thousandths / 1000)

const cases = fc.record({
  format: fc.constantFrom(...Object.keys(encoders)),
  width: fc.integer({ min: 1, max: 320 }),
  height: fc.integer({ min: 1, max: 320 }),
  orientation: fc.integer({ min: 1, max: 8 }),
  rotate: fc.oneof(
    fc.constantFrom(0, 90, 180, 270),
    fraction.map((turn) => (turn * 360) % 360),
  ),
  flip: fc.constantFrom(...flips),
  /** The ratio of the area to the variant; these values read a JPEG at each of 1/1, 1/2, 1/4 and 1/8. */
  box: fc.constantFrom(1, 2, 3, 4, 6, 8, 10, 12),
  /** Position and size of the area, as fractions of the room on the canvas. */
  place: fc.record({ x: fraction, y: fraction, width: fraction, height: fraction }),
})

/** Maximum mean difference per channel between two downscaling methods; results of a few pixels are all edge. */
const colourBound = 8
/** Maximum difference of a rotated picture's edges, in pixels along its outline. */
const edgeBound = 0.2

const { seed, runs } = propertyRun()

test(`extracts the same area as the reference for any recipe (seed ${seed})`, async () => {
  const shifts = { tried: 0, seen: 0 }
  await fc.assert(
    fc.asyncProperty(cases, async ({ format, width, height, orientation, rotate, flip, box, place }) => {
      const encoder = encoders[format] as (picture: Sharp) => Sharp
      const picture = encoder(encode(createPattern({ width, height }, box)))
      const bytes = await picture.withMetadata({ orientation }).toBuffer()
      const isTurned = orientation >= 5 && width !== height
      const turned = isTurned ? { width: height, height: width } : { width, height }
      const header = await readHeader(bytes, 1e9, undefined, turned)
      if (!header.ok) throw new Error(header.code)
      const canvas = canvasSize(header.value.upright, rotate)
      fc.pre(Math.min(canvas.width, canvas.height) >= box)
      const size = {
        width: 1 + Math.floor(place.width * (Math.floor(canvas.width / box) - 1)),
        height: 1 + Math.floor(place.height * (Math.floor(canvas.height / box) - 1)),
      }
      const room = { width: canvas.width - size.width * box, height: canvas.height - size.height * box }
      const area = {
        x: Math.floor(place.x * room.width),
        y: Math.floor(place.y * room.height),
        width: size.width * box,
        height: size.height * box,
      }
      const recipe = { area, rotate, flip }

      const [extracted] = (await extractAll(bytes, header.value, recipe, size)) ?? []

      if (!extracted) throw new Error('unreadable')
      // A picture that shrinks to a few pixels is all edge, and interpolation methods disagree about edges.
      if (Math.min(width, height) < 4 * box) return
      const drawn = await decodeStored(await fromRaw(extracted).png().toBuffer())
      // A WebP is upright as stored unless the browser shows it with its sides swapped.
      const isAsStored = header.value.format === 'webp' && !isTurned
      const upright = makeUpright(await decodeStored(bytes), isAsStored ? 1 : orientation)
      const off = difference(drawn, averageBoxes(referenceCrop(upright, recipe), box))
      const edge = (off.alpha * size.width * size.height) / (255 * 2 * (size.width + size.height))
      if (Math.min(size.width, size.height) >= 4) expect(off.colour).toBeLessThan(colourBound)
      expect(edge).toBeLessThan(edgeBound)

      // Tests the comparison: it notices a shift by one pixel of the result, unless the result is tiny.
      if (room.width < box || size.width < 24 || size.height < 24) return
      const aside = shifted(area, area.x >= box ? -box : box, 0)
      const far = difference(drawn, averageBoxes(referenceCrop(upright, { ...recipe, area: aside }), box))
      shifts.tried += 1
      if (far.colour > 2 * off.colour) shifts.seen += 1
    }),
    { seed, numRuns: 24 * runs },
  )
  // About a ninth of the pictures can test the comparison.
  expect(shifts.tried).toBeGreaterThan(10)
  expect(shifts.seen / shifts.tried).toBeGreaterThan(0.9)
})

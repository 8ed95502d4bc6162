import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canvasSize, centredRecipe, fitArea, hasAspect, isInside } from '@/lib/images/geometry'
import type { Recipe } from '@/lib/images/schema'
import {
  isSameRecipe,
  mirrored,
  moved,
  openingRecipe,
  recipeOf,
  rotated,
  type Subject,
  settled,
  type View,
  viewOf,
  zoomed,
} from './crop-geometry'

const fraction = fc.double({ min: 0, max: 1, noNaN: true })
const between = (least: number, most: number) => fc.double({ min: least, max: most, noNaN: true })
const size = fc.record({ width: fc.integer({ min: 1, max: 12_000 }), height: fc.integer({ min: 1, max: 12_000 }) })
const subject: fc.Arbitrary<Subject> = fc.record({ image: size, aspect: fc.constantFrom(1, 3, 4 / 3, 2 / 3) })
const rotate = fc.oneof(
  fc.constantFrom(0, 90, 180, 270),
  between(0, 359.99),
  fc.integer({ min: 0, max: 719 }).map((n) => n / 2),
)
const flip = fc.record({ horizontal: fc.boolean(), vertical: fc.boolean() })

/** Any image with any area on its canvas that has the aspect, empty corners included. */
const cropCase = fc
  .tuple(subject, rotate, flip, fraction, fraction, fraction)
  .map(([what, degrees, flipped, x, y, width]) => {
    const canvas = canvasSize(what.image, degrees)
    const wanted = { centreX: x * canvas.width, centreY: y * canvas.height, width: width * canvas.width }
    const recipe: Recipe = { area: fitArea(wanted, what.aspect, canvas), rotate: degrees, flip: flipped }
    return { subject: what, recipe }
  })

const view: fc.Arbitrary<View> = fc.record({
  x: between(-9_000, 9_000),
  y: between(-9_000, 9_000),
  zoom: between(0.2, 12),
  rotate: between(-180, 180),
  flip,
})

function expectUsable(recipe: Recipe, { image, aspect }: Subject) {
  expect(isInside(recipe.area, canvasSize(image, recipe.rotate))).toBe(true)
  expect(recipe.area.x).toBeGreaterThanOrEqual(0)
  expect(recipe.area.y).toBeGreaterThanOrEqual(0)
  // An image of a few pixels cannot match the aspect closely.
  if (Math.min(image.width, image.height) > 4) expect(hasAspect(recipe.area, aspect)).toBe(true)
}

describe('recipes in the editor', () => {
  test('viewOf and recipeOf return the same recipe for every rotation and flip', () => {
    fc.assert(
      fc.property(cropCase, ({ subject: what, recipe }) => {
        expect(recipeOf(viewOf(recipe, what), what)).toEqual(recipe)
      }),
      { numRuns: 1_000 },
    )
  })

  test('the editor opens a recipe that fits the image unchanged', () => {
    const what = { image: { width: 400, height: 300 }, aspect: 1 }
    const oneOff: Recipe = {
      area: { x: 3, y: 4, width: 100, height: 101 },
      rotate: 12.5,
      flip: { horizontal: true, vertical: false },
    }
    expect(openingRecipe(oneOff, what)).toBe(oneOff)
  })

  test('the editor replaces a recipe that does not fit with the centred one', () => {
    const what = { image: { width: 400, height: 300 }, aspect: 1 }
    const outside = { ...centredRecipe(what.image, 1), area: { x: 200, y: 0, width: 300, height: 300 } }
    const wrongAspect = { ...centredRecipe(what.image, 1), area: { x: 0, y: 0, width: 300, height: 200 } }
    for (const bad of [null, outside, wrongAspect]) {
      expect(openingRecipe(bad, what)).toEqual(centredRecipe(what.image, 1))
    }
  })
})

describe('after every edit', () => {
  test('the area is inside the canvas and has the aspect', () => {
    fc.assert(
      fc.property(subject, view, between(-500, 500), between(-500, 500), (what, from, dx, dy) => {
        const steps = [
          settled(from, what),
          moved(from, { x: dx, y: dy }, what),
          zoomed(from, Math.abs(dx), what, { x: dx, y: dy }),
          rotated(from, from.rotate + dx / 3, what),
          mirrored(settled(from, what), 'horizontal'),
          mirrored(settled(from, what), 'vertical'),
        ]
        for (const next of steps) expectUsable(recipeOf(next, what), what)
      }),
      { numRuns: 500 },
    )
  })

  test('no corner of the frame is empty', () => {
    fc.assert(
      fc.property(subject, view, (what, from) => {
        const { x, y, zoom, rotate: degrees } = settled(from, what)
        const angle = (degrees * Math.PI) / 180
        const width = maxWidthBySearch(what, degrees) / zoom
        for (const [right, down] of [
          [1, 1],
          [1, -1],
          [-1, 1],
          [-1, -1],
        ] as const) {
          const cornerX = (right * width) / 2
          const cornerY = (down * width) / what.aspect / 2
          // The corner along the image's axes.
          const imageX = x + cornerX * Math.cos(angle) + cornerY * Math.sin(angle)
          const imageY = y - cornerX * Math.sin(angle) + cornerY * Math.cos(angle)
          expect(Math.abs(imageX)).toBeLessThanOrEqual(what.image.width / 2 + 1e-6)
          expect(Math.abs(imageY)).toBeLessThanOrEqual(what.image.height / 2 + 1e-6)
        }
      }),
    )
  })
})

/** Finds the largest covered frame by bisection: an oracle that shares no code with the product. */
function maxWidthBySearch({ image, aspect }: Subject, degrees: number): number {
  const sin = Math.abs(Math.sin((degrees * Math.PI) / 180))
  const cos = Math.abs(Math.cos((degrees * Math.PI) / 180))
  let least = 0
  let most = 2 * (image.width + image.height) * Math.max(1, aspect)
  for (let step = 0; step < 80; step++) {
    const width = (least + most) / 2
    const height = width / aspect
    const covered = width * cos + height * sin <= image.width && width * sin + height * cos <= image.height
    if (covered) least = width
    else most = width
  }
  return least
}

describe('U11: single edits', () => {
  const what = { image: { width: 4000, height: 3000 }, aspect: 1 }
  const start = viewOf(
    { area: { x: 1000, y: 500, width: 1000, height: 1000 }, rotate: 0, flip: { horizontal: false, vertical: false } },
    what,
  )

  test('moving the image right shows what was left of the frame', () => {
    expect(recipeOf(moved(start, { x: 10, y: 0 }, what), what).area).toMatchObject({ x: 990, y: 500 })
  })

  test('moving follows the screen axes on a rotated image', () => {
    const sideways = rotated(start, 90, what)
    const before = recipeOf(sideways, what).area
    expect(recipeOf(moved(sideways, { x: 10, y: 0 }, what), what).area).toMatchObject({ x: before.x - 10, y: before.y })
  })

  test('zooming keeps the pinned point in place', () => {
    // Centre (1500, 1000), pin 200 to the right: image point x = 1700. Twice the zoom: it is 100 to the right.
    const { area } = recipeOf(zoomed(start, start.zoom * 2, what, { x: 200, y: 0 }), what)
    expect(area).toEqual({ x: 1350, y: 750, width: 500, height: 500 })
  })

  test('rotating keeps the centre, and rotating back restores the crop', () => {
    const there = rotated(start, 90, what)
    // (1500, 1000) of 4000 × 3000, rotated right: x = 3000 − 1000, y = 1500.
    expect(recipeOf(there, what).area).toEqual({ x: 1500, y: 1000, width: 1000, height: 1000 })
    expect(isSameRecipe(recipeOf(rotated(there, 0, what), what), recipeOf(start, what))).toBe(true)
  })

  test('flipping mirrors the image as seen on the screen, also when rotated', () => {
    const sideways = recipeOf(mirrored(rotated(start, 90, what), 'horizontal'), what)
    expect(sideways).toEqual({
      area: { x: 500, y: 1000, width: 1000, height: 1000 },
      rotate: 270,
      flip: { horizontal: true, vertical: false },
    })
  })

  test('flipping twice changes nothing', () => {
    const twice = mirrored(mirrored(rotated(start, 33.5, what), 'vertical'), 'vertical')
    expect(recipeOf(twice, what)).toEqual(recipeOf(rotated(start, 33.5, what), what))
  })
})

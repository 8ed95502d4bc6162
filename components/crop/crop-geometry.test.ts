import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canvasSize, fitArea, hasAspect, isInside } from '@/lib/images/geometry'
import type { Recipe } from '@/lib/images/schema'
import {
  angleOf,
  defaultRecipe,
  isSameRecipe,
  maxZoom,
  mirrored,
  moved,
  openingRecipe,
  recipeOf,
  type Subject,
  settled,
  sliderToZoom,
  splitAngle,
  straightened,
  turned,
  turnedNear,
  type View,
  viewOf,
  zoomed,
  zoomToSlider,
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
  turns: fc.integer({ min: -9, max: 9 }),
  straighten: between(-45, 45),
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

  test('the editor replaces a recipe that does not fit with the default one', () => {
    const what = { image: { width: 400, height: 300 }, aspect: 1 }
    const outside = { ...defaultRecipe(what), area: { x: 200, y: 0, width: 300, height: 300 } }
    const wrongAspect = { ...defaultRecipe(what), area: { x: 0, y: 0, width: 300, height: 200 } }
    for (const bad of [null, outside, wrongAspect]) {
      expect(openingRecipe(bad, what)).toEqual(defaultRecipe(what))
    }
  })

  test('U46: a photo opens with the largest crop, and a portrait about the line of its upper third', () => {
    const area = (width: number, height: number, aspect = 1) => defaultRecipe({ image: { width, height }, aspect }).area
    expect(area(4000, 3000)).toEqual({ x: 500, y: 0, width: 3000, height: 3000 })
    // The line is at 5333 / 2; the frame begins half its height above.
    expect(area(3000, 5334)).toEqual({ x: 0, y: 278, width: 3000, height: 3000 })
    // The line is nearer to the upper edge than half a frame.
    expect(area(3000, 4000)).toEqual({ x: 0, y: 0, width: 3000, height: 3000 })
    expect(area(3000, 3000, 3)).toEqual({ x: 0, y: 500, width: 3000, height: 1000 })
    fc.assert(fc.property(subject, (what) => expectUsable(defaultRecipe(what), what)))
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
          straightened(from, dx / 3, what),
          turned(from, Math.round(dx), what),
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
        const { x, y, zoom } = settled(from, what)
        const degrees = angleOf(from)
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
    const sideways = turned(start, 1, what)
    const before = recipeOf(sideways, what).area
    expect(recipeOf(moved(sideways, { x: 10, y: 0 }, what), what).area).toMatchObject({ x: before.x - 10, y: before.y })
  })

  test('zooming keeps the pinned point in place', () => {
    // Centre (1500, 1000), pin 200 to the right: image point x = 1700. Twice the zoom: it is 100 to the right.
    const { area } = recipeOf(zoomed(start, start.zoom * 2, what, { x: 200, y: 0 }), what)
    expect(area).toEqual({ x: 1350, y: 750, width: 500, height: 500 })
  })

  test('turning keeps the centre, and turning back restores the crop', () => {
    const there = turned(start, 1, what)
    // (1500, 1000) of 4000 × 3000, rotated right: x = 3000 − 1000, y = 1500.
    expect(recipeOf(there, what).area).toEqual({ x: 1500, y: 1000, width: 1000, height: 1000 })
    expect(isSameRecipe(recipeOf(turned(there, -1, what), what), recipeOf(start, what))).toBe(true)
  })

  test('flipping mirrors the image as seen on the screen, also when rotated', () => {
    const sideways = recipeOf(mirrored(turned(start, 1, what), 'horizontal'), what)
    expect(sideways).toEqual({
      area: { x: 500, y: 1000, width: 1000, height: 1000 },
      rotate: 270,
      flip: { horizontal: true, vertical: false },
    })
  })

  test('flipping twice changes nothing', () => {
    const twice = mirrored(mirrored(straightened(start, 33.5, what), 'vertical'), 'vertical')
    expect(recipeOf(twice, what)).toEqual(recipeOf(straightened(start, 33.5, what), what))
  })
})

describe('U42: rotation', () => {
  test('is the nearest quarter turn and −45 to 45 degrees of straightening', () => {
    expect(splitAngle(0)).toEqual({ turns: 0, straighten: 0 })
    expect(splitAngle(45)).toEqual({ turns: 0, straighten: 45 })
    expect(splitAngle(46)).toEqual({ turns: 1, straighten: -44 })
    expect(splitAngle(350)).toEqual({ turns: 4, straighten: -10 })
    fc.assert(
      fc.property(between(-180, 360), (degrees) => {
        const split = splitAngle(degrees)
        expect(Math.abs(split.straighten)).toBeLessThanOrEqual(45)
        expect(angleOf(split)).toBeCloseTo(degrees, 12)
      }),
    )
  })

  test('is one number of 0 to 360 degrees in a recipe', () => {
    fc.assert(
      fc.property(view, subject, (from, what) => {
        const { rotate: degrees } = recipeOf(settled(from, what), what)
        expect(degrees).toBeGreaterThanOrEqual(0)
        expect(degrees).toBeLessThan(360)
        const difference = (degrees - angleOf(from)) / 360
        expect(difference).toBeCloseTo(Math.round(difference), 9)
      }),
    )
  })

  test('goes the short way to another crop', () => {
    fc.assert(
      fc.property(view, view, (to, from) => {
        const near = turnedNear(to, from)
        expect(Math.abs(angleOf(near) - angleOf(from))).toBeLessThanOrEqual(180 + 1e-9)
        expect((near.turns - to.turns) % 4).toBeCloseTo(0)
      }),
    )
  })
})

describe('U41: the zoom slider', () => {
  test('multiplies the zoom by the same factor for equal steps', () => {
    expect(sliderToZoom(0, maxZoom)).toBe(1)
    expect(sliderToZoom(1, maxZoom)).toBe(maxZoom)
    expect(sliderToZoom(0.5, maxZoom)).toBeCloseTo(Math.sqrt(maxZoom))
    expect(zoomToSlider(0.8, maxZoom)).toBe(0)
    fc.assert(
      fc.property(between(1, maxZoom), (zoom) => {
        expect(sliderToZoom(zoomToSlider(zoom, maxZoom), maxZoom)).toBeCloseTo(zoom, 9)
      }),
    )
  })
})

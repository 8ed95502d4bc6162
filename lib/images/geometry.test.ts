import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { boundingBox, canvasSize, centredRecipe, fitArea, hasAspect, isInside } from './geometry'
import { Recipe } from './schema'

const side = fc.integer({ min: 1, max: 20_000 })
const size = fc.record({ width: side, height: side })
const degrees = fc.double({ min: 0, max: 360, maxExcluded: true, noNaN: true })
const aspect = fc.constantFrom(1, 3, 16 / 9, 4 / 3, 0.5)

describe('the canvas', () => {
  test.each([
    [0, 400, 300],
    [90, 300, 400],
    [180, 400, 300],
    [270, 300, 400],
  ])('of 400×300 turned by %d degrees is %d×%d, not a pixel more', (rotate, width, height) => {
    expect(canvasSize({ width: 400, height: 300 }, rotate)).toEqual({ width, height })
  })

  test('holds all four corners of the turned picture, with less than a pixel to spare', () => {
    fc.assert(
      fc.property(size, degrees, (upright, rotate) => {
        const angle = (rotate * Math.PI) / 180
        const corners = [-1, 1].flatMap((left) =>
          [-1, 1].map((top) => {
            const [x, y] = [(left * upright.width) / 2, (top * upright.height) / 2]
            return { x: x * Math.cos(angle) - y * Math.sin(angle), y: x * Math.sin(angle) + y * Math.cos(angle) }
          }),
        )
        const wide = 2 * Math.max(...corners.map(({ x }) => Math.abs(x)))
        const high = 2 * Math.max(...corners.map(({ y }) => Math.abs(y)))
        const canvas = canvasSize(upright, rotate)
        for (const [whole, exact] of [
          [canvas.width, wide],
          [canvas.height, high],
        ] as const) {
          expect(whole).toBeGreaterThanOrEqual(exact - 1e-5)
          expect(whole).toBeLessThan(exact + 1)
        }
      }),
    )
  })

  test('is the same for a turn and for the turn back', () => {
    fc.assert(
      fc.property(size, degrees, (upright, rotate) => {
        const there = boundingBox(upright, rotate)
        const back = boundingBox(upright, 360 - rotate)
        expect(there.width).toBeCloseTo(back.width, 6)
        expect(there.height).toBeCloseTo(back.height, 6)
      }),
    )
  })
})

describe('an area', () => {
  test('is inside the canvas up to its very edge, and not beyond', () => {
    fc.assert(
      fc.property(size, fc.nat(20_000), fc.nat(20_000), ({ width, height }, x, y) => {
        const canvas = { width: width + x, height: height + y }
        expect(isInside({ x, y, width, height }, canvas)).toBe(true)
        expect(isInside({ x: x + 1, y, width, height }, canvas)).toBe(false)
        expect(isInside({ x, y: y + 1, width, height }, canvas)).toBe(false)
      }),
    )
  })

  test('that fits has the aspect and lies inside, whatever was wanted', () => {
    const wanted = fc.record({
      centreX: fc.double({ min: -1e5, max: 1e5, noNaN: true }),
      centreY: fc.double({ min: -1e5, max: 1e5, noNaN: true }),
      width: fc.double({ min: 0, max: 1e5, noNaN: true }),
    })
    fc.assert(
      fc.property(wanted, aspect, size, (wish, ratio, canvas) => {
        const area = fitArea(wish, ratio, canvas)
        expect(isInside(area, canvas)).toBe(true)
        expect(hasAspect(area, ratio)).toBe(true)
        expect(Recipe.shape.area.parse(area)).toEqual(area)
      }),
      { numRuns: 500 },
    )
  })

  test('that was fitted once fits again as it is', () => {
    fc.assert(
      fc.property(size, side, aspect, (canvas, width, ratio) => {
        const first = fitArea({ centreX: canvas.width / 2, centreY: canvas.height / 2, width }, ratio, canvas)
        const again = { centreX: first.x + first.width / 2, centreY: first.y + first.height / 2, width: first.width }
        expect(fitArea(again, ratio, canvas)).toEqual(first)
      }),
    )
  })

  test.each([
    [100, 100, 1, true],
    [101, 100, 1, true],
    [102, 100, 1, false],
    [300, 100, 3, true],
    [301, 100, 3, true],
    [303, 100, 3, true],
    [304, 100, 3, false],
    [1, 1, 3, true],
  ])('of %d×%d against %d: the aspect may be off by one pixel of either side (%s)', (width, height, ratio, fits) => {
    expect(hasAspect({ width, height }, ratio)).toBe(fits)
  })
})

test('the first crop is the largest there is, in the middle', () => {
  expect(centredRecipe({ width: 400, height: 300 }, 1).area).toEqual({ x: 50, y: 0, width: 300, height: 300 })
  fc.assert(
    fc.property(size, aspect, (upright, ratio) => {
      const { area, rotate, flip } = Recipe.parse(centredRecipe(upright, ratio))
      expect({ rotate, flip }).toEqual({ rotate: 0, flip: { horizontal: false, vertical: false } })
      expect(area.width >= upright.width - 1 - ratio || area.height >= upright.height - 1 - 1 / ratio).toBe(true)
      expect(Math.abs(2 * area.x + area.width - upright.width)).toBeLessThanOrEqual(1)
      expect(Math.abs(2 * area.y + area.height - upright.height)).toBeLessThanOrEqual(1)
    }),
  )
})

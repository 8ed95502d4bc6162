import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { boundingBox, canvasSize, fitArea, hasAspect, isInside, type Size } from './geometry'
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
  ])('of 400×300 rotated by %d degrees is exactly %d×%d', (rotate, width, height) => {
    expect(canvasSize({ width: 400, height: 300 }, rotate)).toEqual({ width, height })
  })

  test('contains all corners of the rotated image, with less than one spare pixel', () => {
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
        for (const [pixels, exact] of [
          [canvas.width, wide],
          [canvas.height, high],
        ] as const) {
          expect(pixels).toBeGreaterThanOrEqual(exact - 1e-5)
          expect(pixels).toBeLessThan(exact + 1)
        }
      }),
    )
  })

  test('is the same for a rotation and its inverse', () => {
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
  test('is inside the canvas up to its edge and not beyond', () => {
    fc.assert(
      fc.property(size, fc.nat(20_000), fc.nat(20_000), ({ width, height }, x, y) => {
        const canvas = { width: width + x, height: height + y }
        expect(isInside({ x, y, width, height }, canvas)).toBe(true)
        expect(isInside({ x: x + 1, y, width, height }, canvas)).toBe(false)
        expect(isInside({ x, y: y + 1, width, height }, canvas)).toBe(false)
      }),
    )
  })

  test('has the aspect and lies inside the canvas after fitting, for any input', () => {
    const anyArea = fc.record({
      centreX: fc.double({ min: -1e5, max: 1e5, noNaN: true }),
      centreY: fc.double({ min: -1e5, max: 1e5, noNaN: true }),
      width: fc.double({ min: 0, max: 1e5, noNaN: true }),
    })
    fc.assert(
      fc.property(anyArea, aspect, size, (wanted, ratio, canvas) => {
        const area = fitArea(wanted, ratio, canvas)
        expect(isInside(area, canvas)).toBe(true)
        expect(hasAspect(area, ratio)).toBe(true)
        expect(Recipe.shape.area.parse(area)).toEqual(area)
      }),
      { numRuns: 500 },
    )
  })

  test('does not change when it is fitted again', () => {
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
  ])('of %d×%d has aspect %d within one pixel of either side: %s', (width, height, ratio, fits) => {
    expect(hasAspect({ width, height }, ratio)).toBe(fits)
  })
})

test('fits the largest area around a centre', () => {
  const fitMiddle = (upright: Size, ratio: number) =>
    fitArea({ centreX: upright.width / 2, centreY: upright.height / 2, width: upright.width }, ratio, upright)
  expect(fitMiddle({ width: 400, height: 300 }, 1)).toEqual({ x: 50, y: 0, width: 300, height: 300 })
  fc.assert(
    fc.property(size, aspect, (upright, ratio) => {
      const area = fitMiddle(upright, ratio)
      expect(area.width >= upright.width - 1 - ratio || area.height >= upright.height - 1 - 1 / ratio).toBe(true)
      expect(Math.abs(2 * area.x + area.width - upright.width)).toBeLessThanOrEqual(1)
      expect(Math.abs(2 * area.y + area.height - upright.height)).toBeLessThanOrEqual(1)
    }),
  )
})

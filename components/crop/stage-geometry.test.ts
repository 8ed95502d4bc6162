import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canvasSize } from '@/lib/images/geometry'
import type { Recipe } from '@/lib/images/schema'
import { recipeOf, settled, viewOf } from './crop-geometry'
import { boxTransform, cropOf, frameIn, stageTransform, viewAt } from './stage-geometry'

const recipe: Recipe = {
  area: { x: 700, y: 400, width: 900, height: 900 },
  rotate: 30,
  flip: { horizontal: true, vertical: false },
}
const image = { width: 2000, height: 1500 }
const subject = { image, aspect: 1 }
const shown = viewOf(recipe, subject)

/** Applies a CSS transform list to a point relative to the transform's origin. */
function apply(transform: string, point: { x: number; y: number }) {
  let { x, y } = point
  for (const [, name, list = ''] of [...transform.matchAll(/(\w+)\(([^)]*)\)/g)].reverse()) {
    const [first = 0, second = first] = list.split(',').map((part) => Number.parseFloat(part))
    const angle = (first * Math.PI) / 180
    if (name === 'translate') [x, y] = [x + first, y + second]
    if (name === 'scale') [x, y] = [x * first, y * second]
    if (name === 'rotate')
      [x, y] = [x * Math.cos(angle) - y * Math.sin(angle), x * Math.sin(angle) + y * Math.cos(angle)]
  }
  return { x, y }
}

/** Returns where a pixel of the upright image lies on the canvas, by the contract's "Geometry" section. */
function onCanvas({ x, y }: { x: number; y: number }) {
  const canvas = canvasSize(image, recipe.rotate)
  const angle = (recipe.rotate * Math.PI) / 180
  const flippedX = -(x - image.width / 2)
  const fromMiddle = y - image.height / 2
  return {
    x: canvas.width / 2 + flippedX * Math.cos(angle) - fromMiddle * Math.sin(angle),
    y: canvas.height / 2 + flippedX * Math.sin(angle) + fromMiddle * Math.cos(angle),
  }
}

const pixel = fc.record({ x: fc.nat(2000), y: fc.nat(1500) })

test('the stage shows every pixel at its place in the contract', () => {
  const stage = { width: 640, height: 480 }
  const frame = frameIn(stage, 1)
  const transform = stageTransform(shown, subject, frame, stage)
  fc.assert(
    fc.property(pixel, (at) => {
      // The layout is 640 × 480 about the stage's centre.
      const place = apply(transform, { x: (at.x - 1000) * 0.32, y: (at.y - 750) * 0.32 })
      const { x, y } = onCanvas(at)
      const scale = frame.width / recipe.area.width
      expect(place.x).toBeCloseTo((x - recipe.area.x) * scale - frame.width / 2, 6)
      expect(place.y).toBeCloseTo((y - recipe.area.y) * scale - frame.height / 2, 6)
    }),
  )
})

test('U13: the live preview shows every pixel at its place in the contract', () => {
  const transform = boxTransform(shown, subject, 128)
  fc.assert(
    fc.property(pixel, (at) => {
      const place = apply(transform, at)
      const { x, y } = onCanvas(at)
      expect(place.x).toBeCloseTo(((x - recipe.area.x) * 128) / 900, 6)
      expect(place.y).toBeCloseTo(((y - recipe.area.y) * 128) / 900, 6)
    }),
  )
})

test('the frame has the aspect and keeps a margin', () => {
  expect(frameIn({ width: 640, height: 480 }, 1)).toEqual({ width: 440, height: 440 })
  expect(frameIn({ width: 640, height: 480 }, 3)).toEqual({ width: 600, height: 200 })
})

test("U42: a turn keeps the frame's centre in place at every moment of its animation", () => {
  const stage = { width: 640, height: 480 }
  const frame = frameIn(stage, 1)
  for (const turns of [0, 0.3, 0.5, 1]) {
    const transform = stageTransform({ ...shown, turns }, subject, frame, stage)
    // The image point at the frame's centre, mirrored like the view, in pixels of the layout.
    const centre = apply(transform, { x: -shown.x * 0.32, y: shown.y * 0.32 })
    expect(centre.x).toBeCloseTo(0, 6)
    expect(centre.y).toBeCloseTo(0, 6)
  }
})

test('viewAt reverses cropOf', () => {
  const frame = { width: 300, height: 300 }
  fc.assert(
    fc.property(
      fc.integer({ min: -4, max: 4 }),
      fc.double({ min: -45, max: 45, noNaN: true }),
      fc.double({ min: 1, max: 10, noNaN: true }),
      pixel,
      (turns, straighten, zoom, { x, y }) => {
        const view = settled({ ...shown, turns, straighten, zoom, x: x - 1000, y: y - 750 }, subject)
        const back = viewAt(cropOf(view, subject, frame), view, subject, frame)
        expect(back.x).toBeCloseTo(view.x, 6)
        expect(back.y).toBeCloseTo(view.y, 6)
        expect(recipeOf(back, subject).area.width).toBe(recipeOf(view, subject).area.width)
      },
    ),
  )
})

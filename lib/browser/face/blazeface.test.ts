import { expect, test } from 'vitest'
import { decodeFaces, withoutDuplicates } from './blazeface'
import { around, details, wholePicture } from './regions'

const nothing = (anchors: number) => ({
  scores: new Float32Array(anchors).fill(-10),
  boxes: new Float32Array(anchors * 16),
})

test('decodes a face from each grid, in pixels of the input', () => {
  const fine = nothing(512)
  const coarse = nothing(384)
  // Row 2, column 3 of the grid with a stride of 16, second proposal: its anchor is at 56, 40.
  const fineAt = (2 * 16 + 3) * 2 + 1
  fine.scores[fineAt] = 2
  fine.boxes.set([4, -2, 20, 30], fineAt * 16)
  // Row 7, column 0 of the grid with a stride of 32, sixth proposal: its anchor is at 16, 240.
  const coarseAt = 7 * 8 * 6 + 5
  coarse.scores[coarseAt] = 0.5
  coarse.boxes.set([0, 0, 100, 100], coarseAt * 16)

  const faces = decodeFaces([fine, coarse], 0.5)

  expect(faces).toEqual([
    { x: 50, y: 23, width: 20, height: 30, score: expect.closeTo(0.88, 2) },
    { x: -34, y: 190, width: 100, height: 100, score: expect.closeTo(0.62, 2) },
  ])
  expect(decodeFaces([fine, coarse], 0.7)).toHaveLength(1)
})

test('keeps the best box of each face', () => {
  const box = { y: 0, width: 100, height: 100 }
  const kept = withoutDuplicates([
    { ...box, x: 0, score: 0.6 },
    { ...box, x: 10, score: 0.9 },
    { ...box, x: 90, score: 0.7 },
  ])
  expect(kept.map(({ x }) => x)).toEqual([10, 90])
})

test('looks at the whole picture, and at overlapping details of all of it', () => {
  expect(wholePicture({ width: 300, height: 100 })).toEqual({ x: 0, y: -100, side: 300 })
  const regions = details({ width: 300, height: 200 })
  expect(Math.max(...regions.map(({ x, side }) => x + side))).toBeCloseTo(300)
  expect(Math.max(...regions.map(({ y, side }) => y + side))).toBeCloseTo(200)
  // A face of a quarter of the shorter side is whole in one of them, wherever it is.
  for (let x = 0; x <= 250; x += 5) {
    for (let y = 0; y <= 150; y += 5) {
      const isWhole = regions.some(
        (it) => x >= it.x && y >= it.y && x + 50 <= it.x + it.side && y + 50 <= it.y + it.side,
      )
      expect(isWhole, `${x}, ${y}`).toBe(true)
    }
  }
})

test('looks again around faces, with room for others beside them', () => {
  const region = around([
    { x: 100, y: 50, width: 20, height: 20 },
    { x: 160, y: 50, width: 20, height: 20 },
  ])
  expect(region).toEqual({ x: 40, y: -40, side: 200 })
})

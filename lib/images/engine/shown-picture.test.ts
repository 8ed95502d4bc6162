import { expect, test } from 'vitest'
import { orientationFromExif } from './orientation'
import { findShownPicture, scaleRecipe } from './shown-picture'

test('prefers the orientation that gives exactly the shown size to one that nearly does', () => {
  const orientations = [orientationFromExif(1), orientationFromExif(6)] as const
  const turned = { width: 101, height: 100 }
  const picture = findShownPicture({ width: 100, height: 101 }, orientations, turned)
  expect(picture).toEqual({ upright: turned, orientation: orientations[1] })
})

test('scales an area at the end of the canvas of a turned picture', () => {
  const recipe = {
    area: { x: 0, y: 60, width: 50, height: 40 },
    rotate: 90,
    flip: { horizontal: false, vertical: false },
  }
  const scaled = scaleRecipe(recipe, { width: 100, height: 50 }, { width: 200, height: 100 })
  expect(scaled).toEqual({ ...recipe, area: { x: 0, y: 120, width: 100, height: 80 } })
})

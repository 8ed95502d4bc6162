import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Recipe } from '@/lib/images/schema'
import { recipeFromParams, recipeToParams } from './recipe-params'

const side = fc.nat(60_000)
const recipe = fc.record({
  area: fc.record({ x: side, y: side, width: side.map((n) => n + 1), height: side.map((n) => n + 1) }),
  rotate: fc.double({ min: 0, max: 360, maxExcluded: true, noNaN: true }).map((degrees) => degrees + 0),
  flip: fc.record({ horizontal: fc.boolean(), vertical: fc.boolean() }),
})

test('U15: parsing the parameters of a recipe returns the same recipe', () => {
  fc.assert(
    fc.property(recipe, (value) => {
      expect(recipeFromParams(Object.fromEntries(recipeToParams(value)))).toEqual(value)
    }),
  )
})

test('accepts exactly the numbers that the schema of a recipe accepts', () => {
  const limits = fc.constantFrom('0', '1', '9007199254740991', '9007199254740992', '9'.repeat(400))
  const sideText = fc.oneof(limits, fc.nat().map(String))
  const angles = ['0', '-0', '359.9', '360', '-1', 'NaN', 'Infinity', '1e2', '0x10', ' 5 ', ' ', 'x', '1e-400']
  const rotateText = fc.oneof(fc.constantFrom(...angles), fc.double().map(String), fc.string({ minLength: 1 }))
  fc.assert(
    fc.property(fc.tuple(sideText, sideText, sideText, sideText), rotateText, (sides, rotate) => {
      const [x, y, width, height] = sides.map(Number)
      const parsed = Recipe.safeParse({ area: { x, y, width, height }, rotate: Number(rotate) })
      expect(recipeFromParams({ area: sides.join(), rotate })).toEqual(parsed.data ?? null)
    }),
    { numRuns: 1000 },
  )
})

test('a recipe without rotation and flip needs only its area', () => {
  const plain = { area: { x: 1, y: 2, width: 3, height: 4 }, rotate: 0, flip: { horizontal: false, vertical: false } }
  expect(decodeURIComponent(recipeToParams(plain).toString())).toBe('area=1,2,3,4')
})

test.each([
  [{}],
  [{ area: '' }],
  [{ area: '1,2,3' }],
  [{ area: ',2,3,4' }],
  [{ area: '1,2,0,4' }],
  [{ area: '1.5,2,3,4' }],
  [{ area: ['1,2,3,4', '5,6,7,8'] }],
  [{ area: '1,2,3,4', rotate: '' }],
  [{ area: '1,2,3,4', rotate: '360' }],
  [{ area: '1,2,3,4', rotate: '-1' }],
  [{ area: '1,2,3,4', rotate: 'x' }],
  [{ area: '1,2,3,4', flip: 'x' }],
  [{ area: '1,2,3,4', flip: 'v,h,v' }],
])('%o is no valid recipe', (params) => {
  expect(recipeFromParams(params)).toBeNull()
})

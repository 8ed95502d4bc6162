import { expect, test } from 'vitest'
import { choicesOf } from './choices'

const draw20 = (seed: number, name: string) => {
  const choices = choicesOf(seed, name)
  return Array.from({ length: 20 }, () => choices.whole(0, 1_000_000))
}

test('repeats the choices of a seed and a name, and differs for others', () => {
  expect(draw20(1, 'kill')).toEqual(draw20(1, 'kill'))
  expect(draw20(1, 'kill')).not.toEqual(draw20(1, 'roll'))
  expect(draw20(1, 'kill')).not.toEqual(draw20(2, 'kill'))
})

test('draws whole numbers within their bounds, both included', () => {
  const choices = choicesOf(1, 'bounds')
  const drawn = new Set(Array.from({ length: 500 }, () => choices.whole(3, 5)))
  expect([...drawn].sort()).toEqual([3, 4, 5])
})

test('draws names in proportion to their weights', () => {
  const choices = choicesOf(1, 'weights')
  const counts = { often: 0, seldom: 0, never: 0 }
  for (let draw = 0; draw < 1000; draw += 1) counts[choices.weighted({ often: 9, seldom: 1, never: 0 })] += 1
  expect(counts.often).toBeGreaterThan(5 * counts.seldom)
  expect(counts.seldom).toBeGreaterThan(0)
  expect(counts.never).toBe(0)
})

import { expect, test } from 'vitest'
import { alternate, cpuMsEach, measured, median, ratios, spread, takeSample } from './rounds'

const sample = (cpuMs: number, count = 1) => ({ count, cpuMs, wallMs: cpuMs })

test('returns the middle value or the mean of the two in the middle, in any order', () => {
  expect(median([30, 10, 20])).toBe(20)
  expect(median([40, 10, 20, 30])).toBe(25)
  // As text, 100 sorts before 9.
  expect(median([100, 9, 10])).toBe(10)
  expect(() => median([])).toThrow('nothing')
})

test('returns the spread as the width of all values divided by their median', () => {
  expect(spread([90, 100, 120])).toBeCloseTo(0.3)
  expect(spread([5, 5, 5])).toBe(0)
  expect(spread([5])).toBeNull()
})

test('alternates between the sides, after a first round that does not count', async () => {
  const order: string[] = []
  const side = (name: string) => async (round: number) => {
    order.push(`${name}${round}`)
    return sample(round)
  }
  let rounds = 0
  const onRound = () => {
    rounds += 1
  }
  const samples = await alternate({ rounds: 2, onRound }, { a: side('a'), b: side('b') })
  expect(order).toEqual(['a0', 'b0', 'a1', 'b1', 'a2', 'b2'])
  expect(samples.a.map(({ cpuMs }) => cpuMs)).toEqual([1, 2])
  expect(rounds).toBe(2)
})

test('measures the CPU time of the work for all items', async () => {
  let used = 5
  const work = async (ms: number, index: number) => {
    used += ms * index
  }
  const { count, cpuMs } = await takeSample([10, 20, 30], work, { cpuMs: () => used, concurrency: 2 })
  expect([count, cpuMs]).toEqual([3, 80])
})

test('divides the two sides of the same round, per item', () => {
  const naive = [sample(600, 2), sample(900, 3)]
  const engine = [sample(100), sample(150)]
  expect(ratios(naive, engine, cpuMsEach)).toEqual([3, 2])
})

test('measures the median of the rounds', () => {
  expect(measured('x', [3, 1, 2], 'why')).toEqual({ name: 'x', value: 2, spread: 1, note: 'why' })
})

import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { untilEnough } from './duration'
import { Tally } from './tally'

const terms = { seed: 1, minutes: 0.005, store: 'bundled', hosts: 3, minFlows: 10, minKills: 2 }
const minutesMs = terms.minutes * 60_000
const never = new AbortController().signal

async function took(tally: Tally): Promise<number> {
  const beganAt = performance.now()
  await untilEnough(terms, tally, never)
  return performance.now() - beganAt
}

test('a run takes its minutes, however soon it comes to its flows and kills', async () => {
  const took1 = await took(Object.assign(new Tally(), { flows: 10, kills: 2 }))
  expect(took1).toBeGreaterThanOrEqual(minutesMs - 1)
})

test.each(['flows', 'kills'] as const)('goes on while its %s are too few, and ends when they are not', async (name) => {
  const tally = Object.assign(new Tally(), { flows: 10, kills: 2, [name]: 1 })
  let isOver = false
  const end = untilEnough(terms, tally, never).then(() => {
    isOver = true
  })
  await sleep(minutesMs * 1.1)
  expect(isOver).toBe(false)
  tally[name] = 10
  await end
})

test('ends without them after half as many minutes more', async () => {
  expect(await took(new Tally())).toBeGreaterThanOrEqual(minutesMs * 1.5 - 1)
})

test('ends at once when it is interrupted', async () => {
  const interrupted = AbortSignal.abort()
  await expect(untilEnough({ ...terms, minutes: 60 }, new Tally(), interrupted)).rejects.toThrow()
})

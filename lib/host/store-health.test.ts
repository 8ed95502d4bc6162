import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { log } from '@/lib/log'
import { createStoreHealth, type StoreHealth } from './store-health'

let nowMs: number
let isDown: boolean
let asked: number
let health: StoreHealth

beforeEach(() => {
  const variables = { APP_ORIGIN: 'http://localhost:3000', AWS_REGION: 'r', S3_BUCKET: 'pictures', AUTH_MODE: 'guest' }
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value)
  vi.stubEnv('SESSION_SECRETS', 's'.repeat(32))
  for (const level of ['info', 'warn', 'error'] as const) vi.spyOn(log(), level).mockImplementation(() => {})
  nowMs = 0
  isDown = false
  asked = 0
  const ask = async () => {
    asked += 1
    if (isDown) throw new Error('gone')
  }
  health = createStoreHealth(ask, () => nowMs)
})

afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllEnvs()
})

/** Seconds pass while a balancer probes each of them. @returns what it was told, second by second */
async function probe(seconds: number): Promise<boolean[]> {
  const told: boolean[] = []
  for (let second = 0; second < seconds; second += 1) {
    nowMs += 1000
    told.push(health.isGood())
    await new Promise((resolve) => setImmediate(resolve))
  }
  return told
}

const always = (seconds: number, good: boolean) => Array.from({ length: seconds }, () => good)

test('a host whose store never answered is not ready, and is with the first answer', async () => {
  isDown = true
  expect(await probe(30)).toEqual(always(30, false))
  isDown = false
  expect((await probe(3)).at(-1)).toBe(true)
})

test('a failure of less than 15 seconds takes no host out', async () => {
  await probe(10)
  isDown = true
  expect(await probe(14)).toEqual(always(14, true))
  isDown = false
  expect(await probe(60)).toEqual(always(60, true))
  expect(log().error).not.toHaveBeenCalled()
})

test('failures with answers between them never add up', async () => {
  await probe(10)
  for (let round = 0; round < 5; round += 1) {
    isDown = true
    expect(await probe(12)).toEqual(always(12, true))
    isDown = false
    expect(await probe(3)).toEqual(always(3, true))
  }
})

test('a store that stays away takes the host out, and its first answer brings it back; both are logged once', async () => {
  await probe(10)
  isDown = true
  const told = await probe(60)
  // Failing is found out by the first question after it, five seconds on at most.
  const out = told.indexOf(false)
  expect(out).toBeGreaterThanOrEqual(14)
  expect(out).toBeLessThanOrEqual(21)
  expect(told.slice(out)).toEqual(always(60 - out, false))
  isDown = false
  expect(await probe(10)).toEqual([false, ...always(9, true)])
  expect(log().warn).toHaveBeenCalledOnce()
  expect(log().error).toHaveBeenCalledOnce()
  expect(log().info).toHaveBeenCalledOnce()
})

test('however often it is asked, the store is asked every few seconds', async () => {
  for (let count = 0; count < 1000; count += 1) health.isGood()
  await probe(60)
  expect(asked).toBeLessThanOrEqual(13)
})

test('it never waits: a store that says nothing is no reason to say nothing', () => {
  const silent = createStoreHealth(
    () => new Promise(() => {}),
    () => nowMs,
  )
  silent.answered()
  expect(silent.isGood()).toBe(true)
})

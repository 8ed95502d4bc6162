import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { log } from '@/lib/log'
import { createStoreHealth, type StoreHealth } from './store-health'

let nowMs: number
let isDown: boolean
let pings: number
let health: StoreHealth

beforeEach(() => {
  const variables = { APP_ORIGIN: 'http://localhost:3000', AWS_REGION: 'r', S3_BUCKET: 'pictures', AUTH_MODE: 'guest' }
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value)
  vi.stubEnv('SESSION_SECRETS', 's'.repeat(32))
  for (const level of ['info', 'warn', 'error'] as const) vi.spyOn(log(), level).mockImplementation(() => {})
  nowMs = 0
  isDown = false
  pings = 0
  const ping = async () => {
    pings += 1
    if (isDown) throw new Error('gone')
  }
  health = createStoreHealth(ping, () => nowMs)
})

afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllEnvs()
})

/** Lets time pass while a balancer asks every second. @returns the answers */
async function probe(seconds: number): Promise<boolean[]> {
  const answers: boolean[] = []
  for (let second = 0; second < seconds; second += 1) {
    nowMs += 1000
    answers.push(health.isHealthy())
    await new Promise((resolve) => setImmediate(resolve))
  }
  return answers
}

const always = (seconds: number, healthy: boolean) => Array.from({ length: seconds }, () => healthy)

test('is unhealthy until the first answer of the store', async () => {
  isDown = true
  expect(await probe(30)).toEqual(always(30, false))
  isDown = false
  expect((await probe(3)).at(-1)).toBe(true)
})

test('stays healthy during a failure of less than 15 seconds', async () => {
  await probe(10)
  isDown = true
  expect(await probe(14)).toEqual(always(14, true))
  isDown = false
  expect(await probe(60)).toEqual(always(60, true))
  expect(log().error).not.toHaveBeenCalled()
})

test('does not add up failures with answers between them', async () => {
  await probe(10)
  for (let round = 0; round < 5; round += 1) {
    isDown = true
    expect(await probe(12)).toEqual(always(12, true))
    isDown = false
    expect(await probe(3)).toEqual(always(3, true))
  }
})

test('is unhealthy from 15 seconds of failure to the next answer, and logs both once', async () => {
  await probe(10)
  isDown = true
  const answers = await probe(60)
  // The next ping, at most five seconds later, notices the failure.
  const failedAt = answers.indexOf(false)
  expect(failedAt).toBeGreaterThanOrEqual(14)
  expect(failedAt).toBeLessThanOrEqual(21)
  expect(answers.slice(failedAt)).toEqual(always(60 - failedAt, false))
  isDown = false
  expect(await probe(10)).toEqual([false, ...always(9, true)])
  expect(log().warn).toHaveBeenCalledOnce()
  expect(log().error).toHaveBeenCalledOnce()
  expect(log().info).toHaveBeenCalledOnce()
})

test('logs the cause and the endpoint again every minute of a failure', async () => {
  await probe(10)
  isDown = true
  await probe(190)
  expect(log().warn).toHaveBeenCalledTimes(4)
  expect(log().warn).toHaveBeenLastCalledWith(
    expect.objectContaining({ err: new Error('gone'), endpoint: 'AWS' }),
    'the store does not answer',
  )
})

test('pings the store every few seconds, however often a balancer asks', async () => {
  for (let count = 0; count < 1000; count += 1) health.isHealthy()
  await probe(60)
  expect(pings).toBeLessThanOrEqual(13)
})

test('answers at once while the store hangs', () => {
  const hanging = createStoreHealth(
    () => new Promise(() => {}),
    () => nowMs,
  )
  hanging.recordAnswer()
  expect(hanging.isHealthy()).toBe(true)
})

import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { log } from '@/lib/log'
import { StoreUnreachable } from '@/lib/s3/checks/check-result'

beforeEach(() => {
  const variables = { APP_ORIGIN: 'http://localhost:3000', AWS_REGION: 'r', S3_BUCKET: 'pictures', AUTH_MODE: 'guest' }
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value)
  vi.stubEnv('SESSION_SECRETS', 's'.repeat(32))
  vi.stubEnv('AWS_ENDPOINT_URL_S3', 'http://10.0.0.9:9000')
  for (const level of ['info', 'warn'] as const) vi.spyOn(log(), level).mockImplementation(() => {})
  vi.useFakeTimers()
  // Vitest fakes the global timers only.
  vi.doMock('node:timers/promises', () => ({ setTimeout: (ms: number) => new Promise((done) => setTimeout(done, ms)) }))
})

afterEach(() => {
  vi.doUnmock('./self-check')
  vi.doUnmock('node:timers/promises')
  vi.useRealTimers()
  vi.restoreAllMocks()
  vi.unstubAllEnvs()
})

test('a starting host logs the cause and the endpoint of an unreachable store every minute', async () => {
  let isReachable = false
  const error = new StoreUnreachable('the store does not answer', { cause: new Error('connect ECONNREFUSED') })
  vi.doMock('./self-check', () => ({
    checkBuckets: async () => {
      if (isReachable) return []
      throw error
    },
  }))
  const { checkBeforeReady, readiness } = await import('./readiness')
  const checked = checkBeforeReady()
  await vi.advanceTimersByTimeAsync(190_000)
  expect(log().warn).toHaveBeenCalledTimes(4)
  expect(log().warn).toHaveBeenLastCalledWith(
    { err: error, endpoint: 'http://10.0.0.9:9000' },
    'self-check: the store is unreachable, retrying until it answers',
  )
  expect(readiness()).toBe('store')

  isReachable = true
  await vi.advanceTimersByTimeAsync(2_000)
  await checked
  expect(readiness()).toBe('ready')
})

import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { cropLimiter } from '@/lib/images/crop-limiter'
import { type StoreRequest, storeRequests } from '@/lib/s3/request-events'
import { collectMetrics } from './metrics'

beforeAll(() => {
  const variables = { APP_ORIGIN: 'http://localhost:3000', AWS_REGION: 'r', S3_BUCKET: 'pictures', AUTH_MODE: 'guest' }
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value)
  vi.stubEnv('SESSION_SECRETS', 's'.repeat(32))
  vi.stubEnv('CROP_CONCURRENCY', '1')
})
afterAll(() => vi.unstubAllEnvs())

test('counts retries and requests without a response', async () => {
  const registry = collectMetrics()
  const request = { operation: 'GetObject', seconds: 0.1, sentBytes: 0, receivedBytes: 0 }
  const tries: StoreRequest[] = [
    { ...request, status: null, isRetry: false },
    { ...request, status: 503, isRetry: true },
    { ...request, status: 200, isRetry: true },
  ]
  for (const each of tries) storeRequests.publish(each)
  const text = await registry.metrics()
  expect(text).toContain('anyhost_store_retries_total{operation="GetObject"} 2\n')
  for (const status of ['none', 503, 200]) {
    expect(text).toContain(`anyhost_store_request_seconds_count{operation="GetObject",status="${status}"} 1\n`)
  }
})

test('shows running and waiting crops, and that a host without a self-check is not ready', async () => {
  const registry = collectMetrics()
  let finish = () => {}
  const finished = new Promise<void>((resolve) => {
    finish = resolve
  })
  const crops = ['ann', 'ben', 'cyd'].map((person) => cropLimiter().run(person, () => finished))
  const text = await registry.metrics()
  finish()
  await Promise.all(crops)
  expect(text).toContain('anyhost_crops{state="running"} 1\n')
  expect(text).toContain('anyhost_crops{state="waiting"} 2\n')
  expect(text).toContain('anyhost_ready 0\n')
})

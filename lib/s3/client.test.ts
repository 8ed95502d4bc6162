import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { connectBucket } from './client'
import { headObject, listObjects } from './objects'

/** How far the clock of the store is ahead of this host's. */
let aheadMs: number
let requests: number
let server: Server

beforeEach(async () => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'KEY')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret')
  aheadMs = 0
  requests = 0
  // A store that checks only the time of a signature, and refuses every listing.
  server = createServer(({ headers, url }, response) => {
    requests += 1
    const signedAt = String(headers['x-amz-date']).replace(/^(....)(..)(..)T(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z')
    const now = Date.now() + aheadMs
    const isLate = Math.abs(Date.parse(signedAt) - now) > 5 * 60_000
    const headersOfAnswer = { date: new Date(now).toUTCString(), etag: '"a"' }
    response.writeHead(isLate || url?.includes('list-type') ? 403 : 200, headersOfAnswer).end()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
})

afterEach(() => {
  vi.unstubAllEnvs()
  server.closeAllConnections()
  server.close()
})

const connect = () =>
  connectBucket({
    name: 'photos',
    region: 'us-east-1',
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    publicEndpoint: undefined,
    forcePathStyle: true,
    timeoutMs: 5_000,
  })

const denied = { $metadata: { httpStatusCode: 403 } }

test('sends a denied request once', async () => {
  const bucket = connect()
  for (const sent of [1, 2]) {
    await expect(listObjects(bucket, 'users/', 1)).rejects.toMatchObject(denied)
    expect(requests).toBe(sent)
  }
})

test.each([20, -20])('signs again by the time of a store that is %d minutes ahead', async (minutes) => {
  aheadMs = minutes * 60_000
  const bucket = connect()
  await Promise.all(['a', 'b'].map((key) => headObject(bucket, key)))
  expect(requests).toBe(4)
  await expect(listObjects(bucket, 'users/', 1)).rejects.toMatchObject(denied)
  expect(requests).toBe(5)
})

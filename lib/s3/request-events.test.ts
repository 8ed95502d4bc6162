import type { ServerResponse } from 'node:http'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Bucket, connectBucket } from './client'
import { getObject, headObject, putObject } from './objects'
import { type StoreRequest, storeRequests } from './request-events'
import { openAnsweringStore } from './test-support/answering-store'

const requests: StoreRequest[] = []
const record = (message: unknown) => void requests.push(message as StoreRequest)

beforeEach(() => storeRequests.subscribe(record))
afterEach(() => {
  storeRequests.unsubscribe(record)
  requests.length = 0
})

/** Returns a bucket of a store that gives these answers in turn. */
async function bucketWith(...answers: ((response: ServerResponse) => unknown)[]): Promise<Bucket> {
  const endpoint = await openAnsweringStore((request, response) => {
    request.resume().on('end', () => answers.shift()?.(response))
  })
  const address = { region: 'eu-central-1', endpoint, publicEndpoint: endpoint }
  return connectBucket({ name: 'pictures', ...address, forcePathStyle: true, timeoutMs: 5_000 })
}

const found = (body: string) => (response: ServerResponse) =>
  response.writeHead(200, { etag: '"a"', 'content-length': '4' }).end(body)

test('reports each try of a request, and which of them repeats a failed one', async () => {
  const bucket = await bucketWith(
    (response) => response.destroy(),
    (response) => response.writeHead(503).end(),
    found(''),
    found(''),
  )
  await headObject(bucket, 'a')
  await headObject(bucket, 'b')
  expect(requests.map(({ operation, status, isRetry }) => [operation, status, isRetry])).toEqual([
    ['HeadObject', null, false],
    ['HeadObject', 503, true],
    ['HeadObject', 200, true],
    ['HeadObject', 200, false],
  ])
})

test('reports a refusal with its status', async () => {
  const bucket = await bucketWith((response) => response.writeHead(403).end())
  await expect(getObject(bucket, 'a', 10)).rejects.toThrow()
  expect(requests).toMatchObject([{ operation: 'GetObject', status: 403, isRetry: false }])
})

test('reports the bytes of bodies, but not the length of a body that a HEAD does not have', async () => {
  const bucket = await bucketWith(found(''), found('four'), (response) => response.end())
  await headObject(bucket, 'a')
  await getObject(bucket, 'a', 10)
  await putObject(bucket, 'a', 'seven b', { contentType: 'text/plain' })
  expect(requests.map(({ sentBytes, receivedBytes }) => [sentBytes, receivedBytes])).toEqual([
    [0, 0],
    [0, 4],
    [7, 0],
  ])
})

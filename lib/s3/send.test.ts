import type { ServerResponse } from 'node:http'
import { expect, test } from 'vitest'
import { type Bucket, connectBucket } from './client'
import { withDeadline } from './deadline'
import { copyObject, deleteObjects, getObject, headObject, listObjects, putObject } from './objects'
import { openAnsweringStore } from './test-support/answering-store'

const uid = 'u'.repeat(32)
const key = `media/${uid}/a/64.webp`
/** Starts a store with these answers. @returns a bucket of it, and its origin */
async function storeThat(answer: (response: ServerResponse) => unknown) {
  const endpoint = await openAnsweringStore((_, response) => answer(response))
  const address = { region: 'eu-central-1', endpoint, publicEndpoint: 'https://public.example.org' }
  return { endpoint, bucket: connectBucket({ name: 'pictures', ...address, forcePathStyle: true, timeoutMs: 5_000 }) }
}

const xml = (body: string, status: number) => (response: ServerResponse) =>
  response.writeHead(status, { 'content-type': 'application/xml' }).end(body)
const denied = xml('<Error><Code>AccessDenied</Code></Error>', 403)

async function failureOf(work: Promise<unknown>): Promise<Error & { storeRequest?: object }> {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof Error)) throw new Error('did not fail')
  return error
}

test.each<[string, string, (bucket: Bucket) => Promise<unknown>]>([
  ['HeadObject', 'media', (bucket) => headObject(bucket, key)],
  ['GetObject', 'media', (bucket) => getObject(bucket, key, 10)],
  [
    'PutObject',
    'users/entries',
    (bucket) => putObject(bucket, `users/${uid}/v1/entries/a.b`, '', { contentType: 'a/b' }),
  ],
  ['CopyObject', 'media', (bucket) => copyObject(bucket, `drafts/${uid}/b/crops/c/64.webp`, key)],
  ['DeleteObject', 'media', (bucket) => deleteObjects(bucket, [key])],
  ['DeleteObjects', 'media', (bucket) => deleteObjects(bucket, [key, `${key}2`])],
  ['ListObjectsV2', 'users/trail', (bucket) => listObjects(bucket, `users/${uid}/v1/trail/a/`, 10)],
])('a refused %s names operation, bucket, key class and endpoint', async (operation, keyClass, send) => {
  const { bucket, endpoint } = await storeThat(denied)
  const error = await failureOf(send(bucket))
  expect(error).toMatchObject({ $metadata: { httpStatusCode: 403 } })
  expect(error.storeRequest).toEqual({ operation, bucket: 'pictures', keyClass, endpoint })
})

test('a refused object of a bulk deletion names the request but no key', async () => {
  const body = `<DeleteResult><Error><Key>${key}</Key><Code>AccessDenied</Code></Error></DeleteResult>`
  const { bucket, endpoint } = await storeThat(xml(body, 200))
  const error = await failureOf(deleteObjects(bucket, [key, 'b']))
  expect(error.storeRequest).toEqual({ operation: 'DeleteObjects', bucket: 'pictures', keyClass: 'media', endpoint })
  expect(error.message).toBe('the store could not delete 1 objects: AccessDenied')
})

test('an unreachable store and a timeout name the request', async () => {
  const { bucket, endpoint } = await storeThat((response) => response.destroy())
  const broken = await failureOf(listObjects(bucket, 'incoming/self-check/', 1))
  expect(broken.storeRequest).toMatchObject({ operation: 'ListObjectsV2', keyClass: 'incoming/self-check', endpoint })
  const { bucket: silent, endpoint: silentEndpoint } = await storeThat(() => undefined)
  const late = await failureOf(withDeadline(300, () => headObject(silent, key)))
  expect(late).toMatchObject({ name: 'StoreTimeout' })
  expect(late.storeRequest).toMatchObject({ operation: 'HeadObject', keyClass: 'media', endpoint: silentEndpoint })
})

test('a body that breaks off names the request', async () => {
  const { bucket } = await storeThat((response) => {
    response.writeHead(200, { etag: '"a"', 'content-length': '1000' })
    response.write('half', () => response.destroy())
  })
  const error = await failureOf(getObject(bucket, key, 2000))
  expect(error.storeRequest).toMatchObject({ operation: 'GetObject', keyClass: 'media' })
})

import { randomUUID } from 'node:crypto'
import { CopyObjectCommand, DeleteObjectCommand, PutObjectCommand, S3ServiceException } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { copyObject, getObject, headObject, putObject } from '@/lib/s3/objects'
import { differs } from './known-differences'
import { openSubject, type Subject } from './subject'

let it: Subject
let Bucket: string
let Key: string
const text = { contentType: 'text/plain' }
const preconditionFailed = { $metadata: { httpStatusCode: 412 } }

beforeAll(async () => {
  it = await openSubject()
  Bucket = it.bucket.name
})

beforeEach(() => {
  Key = `conditions/${randomUUID()}`
})

afterAll(() => it.end())

const put = (Body: string, conditions: { IfMatch?: string; IfNoneMatch?: string } = {}) =>
  it.s3.send(new PutObjectCommand({ Bucket, Key, Body, ...conditions }))

async function read(key = Key): Promise<string | null> {
  const stored = await getObject(it.bucket, key, 1000)
  return stored && Buffer.from(stored.bytes).toString()
}

async function statusOf(work: Promise<{ $metadata: { httpStatusCode?: number } }>): Promise<number | undefined> {
  try {
    return (await work).$metadata.httpStatusCode
  } catch (error) {
    if (error instanceof S3ServiceException) return error.$metadata.httpStatusCode
    throw error
  }
}

describe('a conditional GET', () => {
  const yesterday = new Date(Date.now() - 86_400_000).toUTCString()
  const tomorrow = new Date(Date.now() + 86_400_000).toUTCString()

  test.each<[string, (etag: string) => Record<string, string>, number]>([
    ['If-Match with the ETag', (etag) => ({ 'if-match': etag }), 200],
    ['If-Match with another', () => ({ 'if-match': '"other"' }), 412],
    ['If-None-Match with the ETag', (etag) => ({ 'if-none-match': etag }), 304],
    ['If-None-Match with another', () => ({ 'if-none-match': '"other"' }), 200],
    ['If-Modified-Since yesterday', () => ({ 'if-modified-since': yesterday }), 200],
    ['If-Unmodified-Since yesterday', () => ({ 'if-unmodified-since': yesterday }), 412],
    ['If-Unmodified-Since tomorrow', () => ({ 'if-unmodified-since': tomorrow }), 200],
  ])('%s', async (_, headers, expected) => {
    const { ETag } = await put('meow')
    const answer = await it.sendSigned({ method: 'GET', path: it.pathOf(Key), headers: headers(String(ETag)) })
    expect(answer.status).toBe(expected)
    if (expected === 304) expect(answer.text).toBe('')
  })
})

describe('a conditional PUT', () => {
  test('with If-None-Match: * creates an object but does not overwrite it', async () => {
    await put('first', { IfNoneMatch: '*' })
    await expect(put('second', { IfNoneMatch: '*' })).rejects.toMatchObject({
      name: 'PreconditionFailed',
      ...preconditionFailed,
    })
    expect(await read()).toBe('first')
  })

  test('with If-None-Match: * creates a deleted object again', async () => {
    await put('first')
    await it.s3.send(new DeleteObjectCommand({ Bucket, Key }))
    await put('second', { IfNoneMatch: '*' })
    expect(await read()).toBe('second')
  })

  test('with If-None-Match: * succeeds for exactly one of twenty parallel writers', async () => {
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, (_, index) => statusOf(put(`writer ${index}`, { IfNoneMatch: '*' }))),
    )
    expect(outcomes.filter((status) => status === 200)).toHaveLength(1)
    expect(outcomes.filter((status) => status === 412 || status === 409)).toHaveLength(19)
    expect(await read()).toBe(`writer ${outcomes.indexOf(200)}`)
  })

  test('with If-Match replaces only the object with that ETag', async () => {
    const { ETag } = await put('1')
    const etag = formatIfMatch(ETag)
    await put('2', { IfMatch: etag })
    await expect(put('3', { IfMatch: etag })).rejects.toMatchObject(preconditionFailed)
    expect(await read()).toBe('2')
  })

  test('with If-Match accepts the ETag in quotes, as it was returned', async () => {
    const { ETag } = await put('1')
    expect(await statusOf(put('2', { IfMatch: ETag }))).toBe(differs('quoted-if-match') ? 412 : 200)
  })

  test('with If-Match does not create an object', async () => {
    const status = await statusOf(put('x', { IfMatch: formatIfMatch('"d41d8cd98f00b204e9800998ecf8427e"') }))
    expect([404, 412]).toContain(status)
    expect(await read()).toBeNull()
  })

  test('with If-Match succeeds for exactly one of twenty parallel writers', async () => {
    const { ETag } = await put('start')
    const IfMatch = formatIfMatch(ETag)
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, (_, index) => statusOf(put(`writer ${index}`, { IfMatch }))),
    )
    expect(outcomes.filter((status) => status === 200)).toHaveLength(1)
    const losers = differs('lost-race-500') ? [412, 409, 500] : [412, 409]
    expect(outcomes.filter((status) => status !== 200 && !losers.includes(status ?? 0))).toEqual([])
    expect(await read()).toBe(`writer ${outcomes.indexOf(200)}`)
  })
})

describe('a conditional copy', () => {
  test('copies only the source with the given ETag', async () => {
    await putObject(it.bucket, Key, 'first', text)
    const firstEtag = (await headObject(it.bucket, Key))?.etag
    expect(await copyObject(it.bucket, Key, `${Key}/1`, firstEtag)).toBe(firstEtag)
    await putObject(it.bucket, Key, 'another', text)
    const etag = await copyObject(it.bucket, Key, `${Key}/2`, firstEtag)
    if (differs('copy-conditions')) {
      // The app detects the change by the ETag of the copy.
      expect(etag).toBe((await headObject(it.bucket, Key))?.etag)
    } else {
      expect(etag).toBeNull()
      expect(await read(`${Key}/2`)).toBeNull()
    }
  })

  test('with If-None-Match: * does not overwrite an object', async () => {
    await put('source')
    const copy = () =>
      it.s3.send(
        new CopyObjectCommand({ Bucket, Key: `${Key}/copy`, CopySource: `${Bucket}/${Key}`, IfNoneMatch: '*' }),
      )
    await copy()
    expect(await statusOf(copy())).toBe(differs('copy-conditions') ? 200 : 412)
  })
})

test('a conditional DELETE deletes only the object with that ETag', async () => {
  await put('kept')
  const status = await statusOf(it.s3.send(new DeleteObjectCommand({ Bucket, Key, IfMatch: '"other"' })))
  expect(status).toBe(differs('delete-conditions') ? 204 : 412)
  expect(await read()).toBe(differs('delete-conditions') ? null : 'kept')
})

/** Formats an ETag for `If-Match` as the store under test requires. */
function formatIfMatch(etag: string | undefined): string {
  return differs('quoted-if-match') ? String(etag).replaceAll('"', '') : String(etag)
}

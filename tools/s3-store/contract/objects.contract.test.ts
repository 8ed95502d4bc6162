import { createHash, randomBytes, randomUUID } from 'node:crypto'
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  copyObject,
  deleteObjects,
  getObject,
  getObjectIfMatch,
  headObject,
  listAllObjects,
  ObjectTooLarge,
  putObject,
} from '@/lib/s3/objects'
import { differs } from './known-differences'
import { openSubject, type Subject } from './subject'

let it: Subject
let Bucket: string
const webp = { contentType: 'image/webp', cacheControl: 'public, max-age=31536000, immutable' }
const text = { contentType: 'text/plain' }
const digits = 'media/digits'
const digest = (algorithm: string, data: string) => createHash(algorithm).update(data).digest('base64')

beforeAll(async () => {
  it = await openSubject()
  Bucket = it.bucket.name
  await putObject(it.bucket, digits, '0123456789', webp)
})

afterAll(() => it.end())

async function read(key: string): Promise<string | null> {
  const stored = await getObject(it.bucket, key, 10_000_000)
  return stored && Buffer.from(stored.bytes).toString()
}

describe('an object', () => {
  test('is returned with bytes, type, size, ETag and time', async () => {
    const bytes = new Uint8Array(randomBytes(200_000))
    const etag = createHash('md5').update(bytes).digest('hex')
    await putObject(it.bucket, 'media/random', bytes, webp)
    const stored = await getObject(it.bucket, 'media/random', 200_000)
    const head = { contentType: 'image/webp', size: 200_000, etag }
    expect(stored).toMatchObject(head)
    expect(Buffer.compare(stored?.bytes ?? new Uint8Array(), bytes)).toBe(0)
    expect(await headObject(it.bucket, 'media/random')).toMatchObject(head)
    expect(Math.abs(it.bucket.clock.now() - Number(stored?.lastModified))).toBeLessThan(120_000)
  })

  test('keeps all its headers for GET and HEAD', async () => {
    const headers = {
      ContentType: 'image/png',
      CacheControl: 'max-age=60',
      ContentDisposition: 'inline; filename="cat.png"',
      ContentLanguage: 'en',
      Metadata: { name: 'Tom' },
    }
    await it.s3.send(new PutObjectCommand({ Bucket, Key: 'headers', Body: 'x', ...headers }))
    const answers = [
      await it.s3.send(new GetObjectCommand({ Bucket, Key: 'headers' })),
      await it.s3.send(new HeadObjectCommand({ Bucket, Key: 'headers' })),
    ]
    for (const answer of answers) expect(answer).toMatchObject({ ...headers, AcceptRanges: 'bytes', ContentLength: 1 })
  })

  test('can be empty, like entries and trail items', async () => {
    await putObject(it.bucket, 'users/empty', '', text)
    expect(await read('users/empty')).toBe('')
  })

  test('is overwritten completely, including its headers', async () => {
    await putObject(it.bucket, 'twice', 'a long body', webp)
    await putObject(it.bucket, 'twice', 'short', text)
    expect(await read('twice')).toBe('short')
    const head = await it.s3.send(new HeadObjectCommand({ Bucket, Key: 'twice' }))
    expect(head.CacheControl).toBeUndefined()
  })

  test('is read as last written, immediately', async () => {
    for (let turn = 0; turn < 10; turn += 1) {
      await putObject(it.bucket, 'again', `turn ${turn}`, text)
      expect(await read('again')).toBe(`turn ${turn}`)
    }
  })

  test.each([
    'drafts/p/a0/original/_22etag_22',
    'users/p/v1/trail/a/!deleted.a0',
    'users/p/v1/entries/a0.vv.b1.jpeg-o.8J-QiA_-',
    '/leading',
    'a//b/./c/',
    '..',
    '../../etc/passwd',
    'ключ/🐈/ü',
    'percent %41 plus + amp & hash # question ?',
    'quotes \' " ` and brackets <>[]{}()',
    'k'.repeat(1024),
  ])('can have the key %j', async (key) => {
    await putObject(it.bucket, key, key, text)
    expect(await read(key)).toBe(key)
    expect((await listAllObjects(it.bucket, key)).map((object) => object.key)).toEqual([key])
    expect(await copyObject(it.bucket, key, 'copied')).not.toBeNull()
    expect(await read('copied')).toBe(key)
    await deleteObjects(it.bucket, [key])
    expect(await headObject(it.bucket, key)).toBeNull()
  })

  test('cannot have a key over 1,024 bytes', async () => {
    const outcome = putObject(it.bucket, 'ü'.repeat(513), 'x', text)
    await expect(outcome).rejects.toMatchObject({ $metadata: { httpStatusCode: 400 } })
  })

  test('that is missing is null, not an error', async () => {
    expect(await getObject(it.bucket, 'none', 10)).toBeNull()
    expect(await headObject(it.bucket, 'none')).toBeNull()
    expect(await copyObject(it.bucket, 'none', 'copied-none')).toBeNull()
    expect(await headObject(it.bucket, 'copied-none')).toBeNull()
  })

  test('in a missing bucket is an error, not null', async () => {
    const nowhere = { ...it.bucket, name: 'no-such-bucket-of-anyhost' }
    const missing = { $metadata: { httpStatusCode: 404 } }
    await expect(getObject(nowhere, 'x', 10)).rejects.toMatchObject({ name: 'NoSuchBucket', ...missing })
    await expect(putObject(nowhere, 'x', 'x', text)).rejects.toMatchObject({ name: 'NoSuchBucket', ...missing })
    await expect(copyObject(nowhere, 'x', 'y')).rejects.toMatchObject({ name: 'NoSuchBucket', ...missing })
  })

  test('over the size limit is not read', async () => {
    await expect(getObject(it.bucket, digits, 9)).rejects.toThrow(ObjectTooLarge)
    await expect(getObject(it.bucket, digits, 9)).rejects.toThrow('10 bytes, more than the limit of 9')
    expect(await read(digits)).toBe('0123456789')
  })
})

describe('an object read with If-Match', () => {
  const key = 'incoming/matched'

  test('is returned if it has that ETag', async () => {
    await putObject(it.bucket, key, 'first', text)
    const { etag = '' } = (await headObject(it.bucket, key)) ?? {}
    const stored = await getObjectIfMatch(it.bucket, key, etag, 100)
    expect(stored).toMatchObject({ etag, size: 5, contentType: 'text/plain' })
    if (stored === null || stored === 'changed') throw new Error('not read')
    expect(Buffer.from(stored.bytes).toString()).toBe('first')
  })

  test('is `changed` after it was replaced, and null after it was deleted', async () => {
    await putObject(it.bucket, key, 'first', text)
    const { etag = '' } = (await headObject(it.bucket, key)) ?? {}
    await putObject(it.bucket, key, 'second', text)
    expect(await getObjectIfMatch(it.bucket, key, etag, 100)).toBe('changed')
    await deleteObjects(it.bucket, [key])
    expect(await getObjectIfMatch(it.bucket, key, etag, 100)).toBeNull()
    expect(await getObjectIfMatch(it.bucket, 'none', etag, 100)).toBeNull()
  })

  test('over the size limit is not read', async () => {
    const { etag = '' } = (await headObject(it.bucket, digits)) ?? {}
    await expect(getObjectIfMatch(it.bucket, digits, etag, 9)).rejects.toThrow(ObjectTooLarge)
  })

  test('in a missing bucket is an error, not null', async () => {
    const nowhere = { ...it.bucket, name: 'no-such-bucket-of-anyhost' }
    await expect(getObjectIfMatch(nowhere, 'x', 'y', 10)).rejects.toMatchObject({ name: 'NoSuchBucket' })
  })
})

describe('a range', () => {
  const get = (range: string, more: Record<string, string> = {}) =>
    it.sendSigned({ method: 'GET', path: it.pathOf(digits), headers: { range, ...more } })

  test.each([
    ['bytes=0-3', '0123', 'bytes 0-3/10'],
    ['bytes=4-4', '4', 'bytes 4-4/10'],
    ['bytes=7-', '789', 'bytes 7-9/10'],
    ['bytes=7-99', '789', 'bytes 7-9/10'],
    ['bytes=-3', '789', 'bytes 7-9/10'],
  ])('%s is served', async (range, expected, contentRange) => {
    const answer = await get(range)
    expect(answer).toMatchObject({ status: 206, text: expected })
    expect(answer.headers).toMatchObject({
      'content-range': contentRange,
      'content-length': String(expected.length),
      'content-type': 'image/webp',
    })
  })

  test.each(['bytes=10-', 'bytes=99-100'])('%s is rejected as beyond the object', async (range) => {
    expect(await get(range)).toMatchObject({ status: 416, code: 'InvalidRange' })
  })

  test('is served if If-Range has the ETag; otherwise the whole object is', async () => {
    const etag = `"${(await headObject(it.bucket, digits))?.etag}"`
    expect(await get('bytes=0-3', { 'if-range': etag })).toMatchObject({ status: 206, text: '0123' })
    const changed = await get('bytes=0-3', { 'if-range': '"other"' })
    if (differs('if-range')) expect(changed.status).toBe(206)
    else expect(changed).toMatchObject({ status: 200, text: '0123456789' })
  })
})

describe('a copy', () => {
  test('keeps bytes, type, cache header and ETag', async () => {
    const etag = (await headObject(it.bucket, digits))?.etag
    expect(await copyObject(it.bucket, digits, 'users/copy')).toBe(etag)
    expect(await read('users/copy')).toBe('0123456789')
    expect(await it.s3.send(new HeadObjectCommand({ Bucket, Key: 'users/copy' }))).toMatchObject({
      ContentType: webp.contentType,
      CacheControl: webp.cacheControl,
      ETag: `"${etag}"`,
    })
  })

  test('does not change when its source is overwritten or deleted', async () => {
    await putObject(it.bucket, 'incoming/source', 'first', text)
    await copyObject(it.bucket, 'incoming/source', 'drafts/copy')
    await putObject(it.bucket, 'incoming/source', 'second', text)
    expect(await read('drafts/copy')).toBe('first')
    await deleteObjects(it.bucket, ['incoming/source'])
    expect(await read('drafts/copy')).toBe('first')
  })

  test('replaces an existing object', async () => {
    await putObject(it.bucket, 'replaced', 'old', text)
    await copyObject(it.bucket, digits, 'replaced')
    expect(await read('replaced')).toBe('0123456789')
  })

  test('of a few megabytes is complete', async () => {
    const bytes = new Uint8Array(randomBytes(6_000_000))
    await putObject(it.bucket, 'large', bytes, webp)
    await copyObject(it.bucket, 'large', 'large-copy')
    const stored = await getObject(it.bucket, 'large-copy', 6_000_000)
    expect(Buffer.compare(stored?.bytes ?? new Uint8Array(), bytes)).toBe(0)
  })

  test('of an empty object is empty', async () => {
    await putObject(it.bucket, 'nothing', '', text)
    await copyObject(it.bucket, 'nothing', 'nothing-copied')
    expect(await read('nothing-copied')).toBe('')
  })

  test('with REPLACE has the headers of the request', async () => {
    const replace = { MetadataDirective: 'REPLACE', ContentType: 'image/avif' } as const
    await it.s3.send(new CopyObjectCommand({ Bucket, Key: 'dressed', CopySource: `${Bucket}/${digits}`, ...replace }))
    const head = await it.s3.send(new HeadObjectCommand({ Bucket, Key: 'dressed' }))
    expect(head.ContentType).toBe('image/avif')
    expect(head.CacheControl).toBeUndefined()
  })

  test('to the same key without changes is rejected', async () => {
    const outcome = copyObject(it.bucket, digits, digits)
    await expect(outcome).rejects.toMatchObject({ name: 'InvalidRequest', $metadata: { httpStatusCode: 400 } })
  })

  test('can go to another bucket', async () => {
    const CopySource = `${Bucket}/${digits}`
    await it.s3.send(new CopyObjectCommand({ Bucket: it.otherBucket.name, Key: 'there', CopySource }))
    expect(await headObject(it.otherBucket, 'there')).toMatchObject({ size: 10 })
  })
})

describe('a deletion', () => {
  test('answers 204 whether the object exists or not', async () => {
    await putObject(it.bucket, 'doomed', 'x', text)
    for (let time = 0; time < 2; time += 1) {
      const answer = await it.s3.send(new DeleteObjectCommand({ Bucket, Key: 'doomed' }))
      expect(answer.$metadata.httpStatusCode).toBe(204)
    }
  })

  test('of many keys reports each, including missing and special ones', async () => {
    const keys = ['many/a', 'many/b & c', 'many/ blank ', 'many/ü/<x>']
    for (const key of keys) await putObject(it.bucket, key, 'x', text)
    const Objects = [...keys, 'many/never'].map((Key) => ({ Key }))
    const answer = await it.s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }))
    expect(answer.Errors ?? []).toEqual([])
    expect(answer.Deleted?.map(({ Key }) => Key).sort()).toEqual([...keys, 'many/never'].sort())
    expect(await listAllObjects(it.bucket, 'many/')).toEqual([])
  })

  test('of more than 1,000 keys deletes all of them', async () => {
    const kept = ['bulk/0', 'bulk/1500', 'bulk/2100']
    for (const key of kept) await putObject(it.bucket, key, 'x', text)
    await deleteObjects(
      it.bucket,
      Array.from({ length: 2101 }, (_, index) => `bulk/${index}`),
    )
    expect(await listAllObjects(it.bucket, 'bulk/')).toEqual([])
    await deleteObjects(it.bucket, [])
  })

  test('of many keys with a wrong Content-MD5 is rejected and deletes nothing', async () => {
    await putObject(it.bucket, 'undigested', 'x', text)
    const body = '<Delete><Object><Key>undigested</Key></Object></Delete>'
    const path = `/${Bucket}?delete=`
    const headers = { 'content-md5': digest('md5', 'something else') }
    const answer = await it.sendSigned({ method: 'POST', path, body, headers })
    if (differs('delete-digest')) {
      expect(answer.status).toBe(200)
    } else {
      expect(answer).toMatchObject({ status: 400, code: 'BadDigest' })
      expect(await read('undigested')).toBe('x')
    }
  })
})

describe('a checksum', () => {
  // The check string of all CRC catalogues.
  const body = '123456789'
  const put = (headers: Record<string, string>) =>
    it.sendSigned({ method: 'PUT', path: it.pathOf('checked'), body, headers })

  test.each([
    ['content-md5', digest('md5', body)],
    ['x-amz-checksum-sha256', digest('sha256', body)],
    ['x-amz-checksum-sha1', digest('sha1', body)],
    ['x-amz-checksum-crc32', 'y/Q5Jg=='],
    ['x-amz-checksum-crc32c', '4waSgw=='],
    ['x-amz-checksum-crc64nvme', 'rosUhgp5mIg='],
  ])('passes if %s is right', async (name, right) => {
    expect(await put({ [name]: right })).toMatchObject({ status: 200 })
  })

  test('is rejected if Content-MD5 is wrong', async () => {
    expect(await put({ 'content-md5': digest('md5', 'woof') })).toMatchObject({ status: 400, code: 'BadDigest' })
  })

  test.each([
    ['x-amz-checksum-sha256', digest('sha256', 'woof')],
    ['x-amz-checksum-sha1', digest('sha1', 'woof')],
    ['x-amz-checksum-crc32', 'AAAAAA=='],
    ['x-amz-checksum-crc32c', 'AAAAAA=='],
    ['x-amz-checksum-crc64nvme', 'AAAAAAAAAAA='],
  ])('is rejected if %s is wrong', async (name, wrong) => {
    const answer = await put({ [name]: wrong })
    if (differs('new-checksums')) expect(answer.status).toBe(200)
    else expect(answer).toMatchObject({ status: 400, code: 'BadDigest' })
  })
})

describe('parallel requests', () => {
  test('twenty writes of different keys all succeed, and twenty reads return them', async () => {
    const bodies = Array.from({ length: 20 }, () => new Uint8Array(randomBytes(100_000)))
    await Promise.all(bodies.map((body, index) => putObject(it.bucket, `crowd/${index}`, body, webp)))
    const stored = await Promise.all(bodies.map((_, index) => getObject(it.bucket, `crowd/${index}`, 100_000)))
    for (const [index, body] of bodies.entries()) {
      expect(Buffer.compare(stored[index]?.bytes ?? new Uint8Array(), body)).toBe(0)
    }
    expect(await listAllObjects(it.bucket, 'crowd/')).toHaveLength(20)
  })

  test('twenty writes of one key leave one complete body', async () => {
    const key = `race/${randomUUID()}`
    const bodies = Array.from({ length: 20 }, (_, index) => String.fromCharCode(65 + index).repeat(50_000))
    await Promise.all(bodies.map((body) => putObject(it.bucket, key, body, text)))
    expect(bodies).toContain(await read(key))
  })

  test('twenty copies of one object are all complete', async () => {
    const etag = (await headObject(it.bucket, digits))?.etag
    const copies = Array.from({ length: 20 }, (_, index) => copyObject(it.bucket, digits, `copies/${index}`))
    expect(await Promise.all(copies)).toEqual(Array(20).fill(etag))
  })
})

describe('the store’s time', () => {
  test('is in every response, including errors, because the app uses it as its clock', async () => {
    const answers = [
      await it.sendSigned({ method: 'GET', path: it.pathOf(digits) }),
      await it.sendSigned({ method: 'GET', path: it.pathOf('none') }),
      await it.send({ method: 'GET', path: it.pathOf(digits) }),
      await it.sendSigned({ method: 'PUT', path: it.pathOf('dated'), body: 'x' }),
    ]
    expect(answers.map(({ status }) => status)).toEqual([200, 404, 403, 200])
    for (const { headers } of answers) expect(String(headers.date)).toMatch(/^\w{3}, \d\d \w{3} \d{4} [\d:]{8} GMT$/)
  })

  test('is the Last-Modified time of objects', async () => {
    const { headers } = await it.sendSigned({ method: 'PUT', path: it.pathOf('stamped'), body: 'x' })
    const stored = await headObject(it.bucket, 'stamped')
    const apartMs = Math.abs(Number(stored?.lastModified) - Date.parse(String(headers.date)))
    expect(apartMs).toBeLessThanOrEqual(2_000)
  })
})

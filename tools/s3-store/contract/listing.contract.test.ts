import { ListObjectsV2Command, type ListObjectsV2CommandInput, S3ServiceException } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { deleteObjects, listAllObjects, listObjects, putObject } from '@/lib/s3/objects'
import { differs } from './known-differences'
import { openSubject, type Subject } from './subject'

let it: Subject

/** In the order of their UTF-8 bytes. UTF-16 order would swap the last two. */
const keys = ['a', 'a b&<c>+', 'a/', 'a/1', 'a/2/x', 'a/2/y', 'a/3', 'a0', 'b//1', 'b/1', 'b/2', 'é', '\uff5e', '🐈']

beforeAll(async () => {
  it = await openSubject()
  await putAll([...keys].reverse())
})

afterAll(() => it.end())

async function putAll(all: string[]): Promise<void> {
  const left = [...all]
  const work = async () => {
    for (let key = left.pop(); key !== undefined; key = left.pop()) {
      await putObject(it.bucket, key, '', { contentType: 'text/plain' })
    }
  }
  await Promise.all(Array.from({ length: 20 }, work))
}

async function list(input: Partial<ListObjectsV2CommandInput> = {}, bucket = it.bucket.name) {
  const answer = await it.s3.send(new ListObjectsV2Command({ Bucket: bucket, ...input }))
  return {
    answer,
    keys: answer.Contents?.map(({ Key }) => Key) ?? [],
    prefixes: answer.CommonPrefixes?.map(({ Prefix }) => Prefix) ?? [],
  }
}

describe('a listing', () => {
  test('contains all keys in byte order, with size, ETag and time', async () => {
    const { answer, keys: listed } = await list()
    expect(listed).toEqual(keys)
    expect(answer).toMatchObject({ KeyCount: keys.length, IsTruncated: false, MaxKeys: 1000, Name: it.bucket.name })
    expect(answer.Contents?.[0]).toMatchObject({ Size: 0, ETag: '"d41d8cd98f00b204e9800998ecf8427e"' })
    expect(answer.Contents?.[0]?.LastModified).toBeInstanceOf(Date)
  })

  test('contains only keys with the prefix', async () => {
    expect((await list({ Prefix: 'a/' })).keys).toEqual(['a/', 'a/1', 'a/2/x', 'a/2/y', 'a/3'])
    expect((await list({ Prefix: 'a b&<c>+' })).keys).toEqual(['a b&<c>+'])
    expect((await list({ Prefix: 'é' })).keys).toEqual(['é'])
    expect((await list({ Prefix: 'zz' })).keys).toEqual([])
  })

  test('groups keys by a delimiter', async () => {
    const root = await list({ Delimiter: '/' })
    expect(root).toMatchObject({ keys: ['a', 'a b&<c>+', 'a0', 'é', '\uff5e', '🐈'], prefixes: ['a/', 'b/'] })
    expect(root.answer.KeyCount).toBe(8)
    expect(await list({ Prefix: 'a/', Delimiter: '/' })).toMatchObject({
      keys: ['a/', 'a/1', 'a/3'],
      prefixes: ['a/2/'],
    })
  })

  test.each([1, 2, 3, 7, 1000])(
    'in pages of %i contains each key and common prefix once and in order',
    async (MaxKeys) => {
      for (const Delimiter of [undefined, '/']) {
        const whole = await list({ Delimiter })
        const pagedKeys: (string | undefined)[] = []
        const pagedPrefixes: (string | undefined)[] = []
        let ContinuationToken: string | undefined
        do {
          const page: Awaited<ReturnType<typeof list>> = await list({ MaxKeys, Delimiter, ContinuationToken })
          expect(page.keys.length + page.prefixes.length).toBe(page.answer.KeyCount)
          expect(page.answer.KeyCount).toBeLessThanOrEqual(MaxKeys)
          pagedKeys.push(...page.keys)
          pagedPrefixes.push(...page.prefixes)
          ContinuationToken = page.answer.NextContinuationToken
          expect(page.answer.IsTruncated).toBe(ContinuationToken !== undefined)
        } while (ContinuationToken)
        expect([pagedKeys, pagedPrefixes]).toEqual([whole.keys, whole.prefixes])
      }
    },
  )

  test('starts after start-after, even if that key does not exist', async () => {
    expect((await list({ StartAfter: 'b/1' })).keys).toEqual(['b/2', 'é', '\uff5e', '🐈'])
    expect((await list({ StartAfter: 'b/1x', MaxKeys: 1 })).keys).toEqual(['b/2'])
    expect((await list({ StartAfter: 'a', Prefix: 'b/' })).keys).toEqual(['b//1', 'b/1', 'b/2'])
    expect((await list({ StartAfter: 'c', Prefix: 'b/' })).keys).toEqual([])
  })

  test('ignores start-after if there is a token', async () => {
    const { answer } = await list({ MaxKeys: 10 })
    const next = await list({ ContinuationToken: answer.NextContinuationToken, StartAfter: 'a' })
    expect(next.keys).toEqual(keys.slice(10))
  })

  test('with max-keys=0 is not truncated', async () => {
    expect((await list({ MaxKeys: 0 })).answer).toMatchObject({ KeyCount: 0, IsTruncated: false })
  })

  test('encodes names with encoding-type=url, which the SDK does not decode', async () => {
    const encoded = await list({ EncodingType: 'url', Prefix: 'a ' })
    expect(encoded.keys.map((key) => decodeURIComponent(String(key)))).toEqual(['a b&<c>+'])
    expect(encoded.keys[0]).not.toContain(' ')
  })

  test('contains at most 1,000 keys', async () => {
    expect((await list({ MaxKeys: 5000 })).answer.MaxKeys).toBe(1000)
  })

  test('of a missing bucket is an error, not an empty page', async () => {
    const outcome = list({}, 'no-such-bucket-of-anyhost')
    await expect(outcome).rejects.toMatchObject({ name: 'NoSuchBucket', $metadata: { httpStatusCode: 404 } })
  })

  test('is consistent immediately after a write and a deletion', async () => {
    for (let turn = 0; turn < 10; turn += 1) {
      const key = `fresh/${turn}`
      await putObject(it.bucket, key, '', { contentType: 'text/plain' })
      expect((await listAllObjects(it.bucket, 'fresh/')).map((object) => object.key)).toEqual([key])
      await deleteObjects(it.bucket, [key])
      expect(await listAllObjects(it.bucket, 'fresh/')).toEqual([])
    }
  })

  test('has the tombstones of a trail before its items', async () => {
    const trail = ['!cleaned.2026-11-28', '!deleted.a0', '!deleted.z9', '0.a0', '0a.none', '1v.a0.a', 'v.a0']
    await putAll(trail.map((name) => `users/p/v1/trail/a/${name}`))
    const listed = await listAllObjects(it.bucket, 'users/p/v1/trail/a/')
    expect(listed.map(({ key }) => key.slice('users/p/v1/trail/a/'.length))).toEqual(trail)
  })
})

/** Returns whether an error is the InvalidArgument error of the store. */
const isInvalidArgument = (error: unknown) => error instanceof S3ServiceException && error.name === 'InvalidArgument'

describe('2,100 keys with one prefix', () => {
  const prefix = 'users/many/v1/entries/'
  const many = Array.from({ length: 2_100 }, (_, index) => `${prefix}${index.toString(32).padStart(6, '0')}`)

  beforeAll(() => putAll([...many, 'users/many/v1/entriesx', 'users/manz/v1/entries/0']), 300_000)

  test('are listed in pages of 1,000, each once and in order', async () => {
    const first = await listObjects(it.bucket, prefix, 1000)
    expect(first.objects).toHaveLength(1000)
    expect(first.nextToken).not.toBeNull()
    expect((await listAllObjects(it.bucket, prefix)).map(({ key }) => key)).toEqual(many)
  })

  test('are listed in pages of 24, and a token can be used twice', async () => {
    const first = await listObjects(it.bucket, prefix, 24)
    for (let time = 0; time < 2; time += 1) {
      const second = await listObjects(it.bucket, prefix, 24, { token: first.nextToken ?? '' })
      expect(second.objects.map(({ key }) => key)).toEqual(many.slice(24, 48))
    }
  })

  test('continue after the last page, even if earlier keys were added and deleted', async () => {
    const first = await listObjects(it.bucket, prefix, 24)
    await deleteObjects(it.bucket, [many[3] as string, many[23] as string])
    await putAll([`${prefix}!new`])
    const second = await listObjects(it.bucket, prefix, 24, { token: first.nextToken ?? '' })
    expect(second.objects.map(({ key }) => key)).toEqual(many.slice(24, 48))
    await deleteObjects(it.bucket, [`${prefix}!new`])
    await putAll([many[3] as string, many[23] as string])
  })

  test('are listed after a missing key, with and without a token', async () => {
    const startAfter = `${many[1099]}x`
    const first = await listObjects(it.bucket, prefix, 1000, { startAfter })
    expect(first.objects.map(({ key }) => key)).toEqual(many.slice(1100))
    expect(first.nextToken).toBeNull()
    expect((await listAllObjects(it.bucket, prefix, { startAfter: many[50] })).map(({ key }) => key)).toEqual(
      many.slice(51),
    )
    const page = await listObjects(it.bucket, prefix, 10, { startAfter })
    const next = await listObjects(it.bucket, prefix, 10, { token: page.nextToken ?? '', startAfter })
    expect(next.objects.map(({ key }) => key)).toEqual(many.slice(1110, 1120))
  })

  test('are not in a listing of another prefix with their token', async () => {
    const { nextToken } = await listObjects(it.bucket, prefix, 24)
    const others = await listObjects(it.bucket, 'users/manz/', 24, { token: nextToken ?? '' }).catch((error) => {
      if (!isInvalidArgument(error)) throw error
      return { objects: [] }
    })
    expect(others.objects.filter(({ key }) => !key.startsWith('users/manz/'))).toEqual([])
  })

  test.each(['made-up', 'zzzz', '%F0%9F'])('reject the invalid token %s with InvalidArgument', async (token) => {
    const outcome = listObjects(it.bucket, prefix, 24, { token })
    if (differs('any-token')) {
      const { objects } = await outcome
      expect(objects.filter(({ key }) => !key.startsWith(prefix))).toEqual([])
    } else {
      const error = await outcome.catch((reason) => reason)
      expect(isInvalidArgument(error)).toBe(true)
    }
  })

  test('are deleted together with a missing key', async () => {
    await deleteObjects(it.bucket, [...many, `${prefix}never-was`])
    expect(await listAllObjects(it.bucket, prefix)).toEqual([])
    expect(await listAllObjects(it.bucket, 'users/many/')).toHaveLength(1)
  })
})

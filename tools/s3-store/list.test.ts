import { ListObjectsV2Command, type ListObjectsV2CommandInput, PutObjectCommand } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type IndexEntry, KeyIndex, toByteString } from './key-index'
import { listObjectsDocument } from './list'
import { sendSigned } from './signed-request'
import { Query } from './target'
import { startTestStore, type TestStore } from './test-store'

let it: TestStore

const keys = ['a', 'a b&<c>+', 'a/', 'a/1', 'a/2/x', 'a/2/y', 'a/3', 'a0', 'b//1', 'b/1', 'b/2', 'é', '\uff5e', '🐈']

beforeAll(async () => {
  it = await startTestStore()
  const puts = [...keys].reverse().map((Key) => new PutObjectCommand({ Bucket: it.bucket, Key, Body: Key }))
  await Promise.all(puts.map((put) => it.s3.send(put)))
})

afterAll(async () => {
  expect(it.faults).toEqual([])
  await it.end()
})

async function list(input: Partial<ListObjectsV2CommandInput> = {}) {
  const answer = await it.s3.send(new ListObjectsV2Command({ Bucket: it.bucket, ...input }))
  return {
    answer,
    keys: answer.Contents?.map((object) => object.Key) ?? [],
    prefixes: answer.CommonPrefixes?.map(({ Prefix }) => Prefix) ?? [],
  }
}

describe('a listing', () => {
  test('groups by a delimiter of several characters and starts after a common prefix', async () => {
    expect(await list({ Delimiter: '/1' })).toMatchObject({ prefixes: ['a/1', 'b//1', 'b/1'] })
    expect((await list({ StartAfter: 'a/', Delimiter: '/' })).prefixes).toEqual(['b/'])
  })

  test('encodes names with encoding-type=url', async () => {
    const encoded = await list({ EncodingType: 'url', Prefix: 'a ', Delimiter: '&' })
    expect(encoded).toMatchObject({ prefixes: ['a%20b%26'], answer: { Prefix: 'a%20', Delimiter: '%26' } })
    expect((await list({ EncodingType: 'url', Prefix: 'a/2' })).keys).toEqual(['a/2/x', 'a/2/y'])
  })

  test('contains the owner only with fetch-owner', async () => {
    expect((await list({ MaxKeys: 1 })).answer.Contents?.[0]?.Owner).toBeUndefined()
    expect((await list({ FetchOwner: true, MaxKeys: 1 })).answer.Contents?.[0]?.Owner?.ID).toBeDefined()
  })

  test.each([
    'max-keys=-1',
    'max-keys=many',
    'max-keys=2147483648',
    'encoding-type=base64',
    'continuation-token=made-up',
    'continuation-token=',
  ])('rejects %s', async (query) => {
    const answer = await sendSigned(it.store.endpoint, { method: 'GET', path: `/pictures?list-type=2&${query}` })
    expect(answer).toMatchObject({ status: 400, code: 'InvalidArgument' })
  })
})

describe('a page of 100,000 keys', () => {
  const entries = Array.from({ length: 100_000 }, (_, index): IndexEntry => {
    const name = toByteString(`users/${index % 10}/${String(index).padStart(6, '0')}`)
    return { name, size: 1, etag: '"x"', lastModified: 0 }
  })
  const index = new KeyIndex(entries)

  /** Lists one page and counts the entries that it reads. */
  function listAndCount(parameters: Record<string, string>): { reads: number; xml: string } {
    let reads = 0
    function* walk(from: string): Generator<IndexEntry, void, string | undefined> {
      let position = index.seek(from)
      for (let entry = index.at(position); entry; entry = index.at(position)) {
        reads += 1
        const jump = yield entry
        position = jump === undefined ? position + 1 : index.seek(jump)
      }
    }
    const query = new Query(Object.entries({ 'list-type': '2', ...parameters }))
    return { xml: listObjectsDocument('pictures', walk, query, 'secret'), reads }
  }

  test('reads only the keys it contains and one more', () => {
    expect(listAndCount({ prefix: 'users/7/' }).reads).toBe(1001)
    expect(listAndCount({ 'start-after': 'users/8/050000', 'max-keys': '10' }).reads).toBe(11)
  })

  test('skips all keys of a common prefix', () => {
    const { reads, xml } = listAndCount({ prefix: 'users/', delimiter: '/' })
    expect(xml.match(/<CommonPrefixes>/g)).toHaveLength(10)
    expect(reads).toBe(10)
  })

  test('is continued by its token up to the last key', () => {
    let token = ''
    let pages = 0
    let shown = 0
    do {
      const { xml } = listAndCount({ prefix: 'users/3/', ...(token && { 'continuation-token': token }) })
      token = /<NextContinuationToken>(.*)<\/NextContinuationToken>/.exec(xml)?.[1] ?? ''
      pages += 1
      shown += xml.match(/<Contents>/g)?.length ?? 0
    } while (token)
    expect({ pages, shown }).toEqual({ pages: 10, shown: 10_000 })
  })
})

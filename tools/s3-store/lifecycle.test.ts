import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import {
  CopyObjectCommand,
  DeleteBucketLifecycleCommand,
  GetBucketLifecycleConfigurationCommand,
  GetObjectCommand,
  HeadObjectCommand,
  type LifecycleRule,
  ListObjectsV2Command,
  PutBucketLifecycleConfigurationCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createClient, startTestStore, type TestStore } from './test-store'

let it: TestStore
let aheadMs = 0
const Bucket = 'pictures'
const dayMs = 3_600_000
const rules: LifecycleRule[] = [
  { ID: 'incoming', Status: 'Enabled', Filter: { Prefix: 'incoming/' }, Expiration: { Days: 1 } },
  { ID: 'drafts', Status: 'Enabled', Filter: { And: { Prefix: 'drafts/' } }, Expiration: { Days: 2 } },
  { ID: 'old', Status: 'Enabled', Prefix: 'legacy/', Expiration: { Days: 1 } },
  { ID: 'off', Status: 'Disabled', Filter: { Prefix: 'users/' }, Expiration: { Days: 1 } },
]

beforeAll(async () => {
  // A day of this store lasts an hour, and the tests advance its clock.
  it = await startTestStore({ lifecycleDaySeconds: 3600, now: () => new Date(Date.now() + aheadMs) })
  await putRules(rules)
})

beforeEach(async () => {
  aheadMs = 0
  for (const prefix of ['incoming', 'drafts', 'legacy', 'users', 'incoming-not']) {
    await it.s3.send(new PutObjectCommand({ Bucket, Key: `${prefix}/x`, Body: prefix }))
  }
})

afterAll(async () => {
  expect(it.faults).toEqual([])
  await it.end()
})

const putRules = (Rules: LifecycleRule[]) =>
  it.s3.send(new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: { Rules } }))

/** Creates a client that uses the store's clock, like the app. */
function clientOfNow() {
  return createClient(it.store.endpoint, { systemClockOffset: aheadMs })
}

async function listedKeys() {
  const { Contents = [], KeyCount } = await clientOfNow().send(new ListObjectsV2Command({ Bucket }))
  expect(KeyCount).toBe(Contents.length)
  return Contents.map((object) => object.Key)
}

async function filesOnDisk(): Promise<number> {
  const names = await readdir(join(it.directory, 'buckets', Bucket), { recursive: true })
  return names.filter((name) => /[0-9a-f]{64}$/.test(name)).length
}

describe('an object under an expiring prefix', () => {
  test('is visible until it expires, and then missing for every request', async () => {
    aheadMs = dayMs - 60_000
    expect(await listedKeys()).toEqual(['drafts/x', 'incoming-not/x', 'incoming/x', 'legacy/x', 'users/x'])
    aheadMs = dayMs + 60_000
    expect(await listedKeys()).toEqual(['drafts/x', 'incoming-not/x', 'users/x'])
    const requests = [
      new GetObjectCommand({ Bucket, Key: 'incoming/x' }),
      new HeadObjectCommand({ Bucket, Key: 'incoming/x' }),
      new CopyObjectCommand({ Bucket, Key: 'users/copied', CopySource: `${Bucket}/incoming/x` }),
    ]
    for (const request of requests) {
      await expect(clientOfNow().send(request as GetObjectCommand)).rejects.toMatchObject({
        $metadata: { httpStatusCode: 404 },
      })
    }
    aheadMs = 2 * dayMs + 60_000
    expect(await listedKeys()).toEqual(['incoming-not/x', 'users/x'])
  })

  test('can be created again with If-None-Match after it expired', async () => {
    aheadMs = dayMs + 60_000
    const put = new PutObjectCommand({ Bucket, Key: 'incoming/x', Body: 'new', IfNoneMatch: '*' })
    await clientOfNow().send(put)
    expect(await listedKeys()).toContain('incoming/x')
  })

  test('is in no common prefix after it expired', async () => {
    aheadMs = dayMs + 60_000
    const { CommonPrefixes } = await clientOfNow().send(new ListObjectsV2Command({ Bucket, Delimiter: '/' }))
    expect(CommonPrefixes?.map(({ Prefix }) => Prefix)).toEqual(['drafts/', 'incoming-not/', 'users/'])
  })

  test('is deleted from disk after it expired', async () => {
    const quick = await startTestStore({ lifecycleDaySeconds: 1 })
    try {
      await quick.s3.send(
        new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: { Rules: rules } }),
      )
      await quick.s3.send(new PutObjectCommand({ Bucket, Key: 'incoming/x', Body: 'x' }))
      await quick.s3.send(new PutObjectCommand({ Bucket, Key: 'users/x', Body: 'x' }))
      const files = async () => {
        const names = await readdir(join(quick.directory, 'buckets', Bucket), { recursive: true })
        return names.filter((name) => /[0-9a-f]{64}$/.test(name)).length
      }
      expect(await files()).toBe(2)
      await expect.poll(files, { timeout: 20_000 }).toBe(1)
    } finally {
      await quick.end()
    }
  }, 30_000)

  test('stays on disk until it expires', async () => {
    expect(await filesOnDisk()).toBe((await listedKeys()).length)
  })
})

describe('the rules of a bucket', () => {
  test('are returned', async () => {
    const { Rules } = await it.s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket }))
    expect(Rules).toMatchObject([
      { ID: 'incoming', Status: 'Enabled', Filter: { Prefix: 'incoming/' }, Expiration: { Days: 1 } },
      { ID: 'drafts', Filter: { Prefix: 'drafts/' }, Expiration: { Days: 2 } },
      { ID: 'old', Filter: { Prefix: 'legacy/' } },
      { ID: 'off', Status: 'Disabled' },
    ])
  })

  test('can contain AbortIncompleteMultipartUpload', async () => {
    const abort = { DaysAfterInitiation: 7 }
    const rule: LifecycleRule = {
      ID: 'abort',
      Status: 'Enabled',
      Filter: {},
      AbortIncompleteMultipartUpload: abort,
    }
    await putRules([...rules, rule])
    const { Rules } = await it.s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket }))
    expect(Rules?.[4]).toMatchObject({ AbortIncompleteMultipartUpload: abort })
    await putRules(rules)
  })

  const base: LifecycleRule = { ID: 'x', Status: 'Enabled', Filter: { Prefix: 'x/' }, Expiration: { Days: 1 } }
  test.each<[string, LifecycleRule[], string]>([
    ['no rule', [], 'MalformedXML'],
    ['zero days', [{ ...base, Expiration: { Days: 0 } }], 'InvalidArgument'],
    ['no action', [{ ...base, Expiration: undefined }], 'InvalidRequest'],
    ['no filter', [{ ...base, Filter: undefined }], 'MalformedXML'],
    ['an unknown status', [{ ...base, Status: 'On' as 'Enabled' }], 'MalformedXML'],
    ['the same name twice', [base, base], 'InvalidArgument'],
    ['a filter by tag', [{ ...base, Filter: { Tag: { Key: 'a', Value: 'b' } } }], 'NotImplemented'],
    ['a date', [{ ...base, Expiration: { Date: new Date(0) } }], 'NotImplemented'],
    ['a transition', [{ ...base, Transitions: [{ Days: 1, StorageClass: 'GLACIER' }] }], 'NotImplemented'],
  ])('are rejected with %s', async (_, wrong, name) => {
    await expect(putRules(wrong)).rejects.toMatchObject({ name })
  })

  test('survive a restart; nothing expires after they are deleted', async () => {
    await it.restart()
    aheadMs = dayMs + 60_000
    expect(await listedKeys()).not.toContain('incoming/x')
    aheadMs = 0
    await it.s3.send(new DeleteBucketLifecycleCommand({ Bucket }))
    await expect(it.s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket }))).rejects.toMatchObject({
      name: 'NoSuchLifecycleConfiguration',
    })
    aheadMs = 10 * dayMs
    expect(await listedKeys()).toContain('incoming/x')
  })
})

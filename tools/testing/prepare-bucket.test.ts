import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  GetBucketCorsCommand,
  GetBucketLifecycleConfigurationCommand,
  GetObjectCommand,
  ListBucketsCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { startStore } from '@/tools/s3-store/server'
import { prepareBuckets } from './prepare-bucket'

// Long enough for a busy machine.
vi.setConfig({ testTimeout: 60_000 })

const credentials = { accessKeyId: 'TESTKEY', secretAccessKey: 'a-secret-for-tests-only' }
const appOrigin = 'http://localhost:3000'

let directory: string
let store: Awaited<ReturnType<typeof startStore>>
let client: S3Client

async function open(region: string): Promise<void> {
  store = await startStore({ port: 0, directory, region, ...credentials })
  client = new S3Client({ endpoint: store.endpoint, region, credentials, forcePathStyle: true })
}

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'bucket-'))
})

afterEach(async () => {
  client.destroy()
  await store.close()
  await rm(directory, { recursive: true })
})

test.each(['us-east-1', 'eu-central-1'])('prepares buckets repeatedly and keeps their objects (%s)', async (region) => {
  await open(region)
  const access = { endpoint: store.endpoint, region, ...credentials }
  await prepareBuckets(
    access,
    ['one', 'two'].map((name) => `bucket-${name}`),
    appOrigin,
  )
  const object = { Bucket: 'bucket-one', Key: 'users/a' }
  await client.send(new PutObjectCommand({ ...object, Body: 'kept' }))

  await prepareBuckets(access, ['bucket-one', 'bucket-two'], appOrigin)

  const { Buckets } = await client.send(new ListBucketsCommand({}))
  expect(Buckets?.map(({ Name }) => Name)).toEqual(['bucket-one', 'bucket-two'])
  const { Body } = await client.send(new GetObjectCommand(object))
  expect(await Body?.transformToString()).toBe('kept')
})

test('allows only pages of the app, and expires only uploads and drafts', async () => {
  const region = 'us-east-1'
  await open(region)
  await prepareBuckets({ endpoint: store.endpoint, region, ...credentials }, ['bucket-one'], appOrigin)

  const { CORSRules } = await client.send(new GetBucketCorsCommand({ Bucket: 'bucket-one' }))
  expect(CORSRules).toHaveLength(1)
  expect(CORSRules?.[0]).toMatchObject({
    AllowedOrigins: [appOrigin],
    AllowedMethods: ['GET', 'POST', 'PUT'],
  })
  const { Rules } = await client.send(new GetBucketLifecycleConfigurationCommand({ Bucket: 'bucket-one' }))
  expect(Rules?.map(({ Filter, Expiration, Status }) => [Filter?.Prefix, Expiration?.Days, Status])).toEqual([
    ['incoming/', 1, 'Enabled'],
    ['drafts/', 2, 'Enabled'],
  ])
})

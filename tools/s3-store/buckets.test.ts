import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteBucketOwnershipControlsCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  DeletePublicAccessBlockCommand,
  GetBucketLocationCommand,
  GetBucketOwnershipControlsCommand,
  GetPublicAccessBlockCommand,
  HeadBucketCommand,
  ListBucketsCommand,
  PutBucketOwnershipControlsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutPublicAccessBlockCommand,
} from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openUpload, sendSigned } from './signed-request'
import { startTestStore, type TestStore } from './test-store'

let it: TestStore
const status = (httpStatusCode: number) => ({ $metadata: { httpStatusCode } })

beforeAll(async () => {
  it = await startTestStore()
})

afterAll(async () => {
  expect(it.faults).toEqual([])
  await it.end()
})

describe('a bucket', () => {
  test('keeps its objects when it is created again', async () => {
    const Bucket = 'again'
    await it.s3.send(new CreateBucketCommand({ Bucket }))
    await it.s3.send(new PutObjectCommand({ Bucket, Key: 'kept', Body: 'x' }))
    await it.s3.send(new CreateBucketCommand({ Bucket }))
    await expect(it.s3.send(new DeleteBucketCommand({ Bucket }))).rejects.toMatchObject({ name: 'BucketNotEmpty' })
    await it.s3.send(new DeleteObjectCommand({ Bucket, Key: 'kept' }))
    await it.s3.send(new DeleteBucketCommand({ Bucket }))
    await expect(it.s3.send(new HeadBucketCommand({ Bucket }))).rejects.toMatchObject(status(404))
  })

  test('returns its region', async () => {
    const head = await it.s3.send(new HeadBucketCommand({ Bucket: it.bucket }))
    expect(head.BucketRegion).toBe('eu-central-1')
    const location = await it.s3.send(new GetBucketLocationCommand({ Bucket: it.bucket }))
    expect(location.LocationConstraint).toBe('eu-central-1')
  })

  test('is listed', async () => {
    const { Buckets } = await it.s3.send(new ListBucketsCommand({}))
    expect(Buckets?.map(({ Name }) => Name)).toEqual([it.bucket])
    expect(Buckets?.[0]?.CreationDate).toBeInstanceOf(Date)
  })

  test.each(['ab', 'Upper', 'dots..dots', '192.168.0.1', '-dash', 'under_score', 'x'.repeat(64)])(
    'cannot have the name %s',
    async (name) => {
      const answer = await sendSigned(it.store.endpoint, { method: 'PUT', path: `/${name}` })
      expect(answer).toMatchObject({ status: 400, code: 'InvalidBucketName' })
    },
  )

  test('can only be created in the region of the store', async () => {
    const elsewhere = new CreateBucketCommand({
      Bucket: 'elsewhere',
      CreateBucketConfiguration: { LocationConstraint: 'us-west-2' },
    })
    await expect(it.s3.send(elsewhere)).rejects.toMatchObject({ name: 'IllegalLocationConstraintException' })
  })

  test('stores its public access block', async () => {
    const { bucket: Bucket } = it
    const missing = it.s3.send(new GetPublicAccessBlockCommand({ Bucket }))
    await expect(missing).rejects.toMatchObject({ name: 'NoSuchPublicAccessBlockConfiguration' })
    const PublicAccessBlockConfiguration = { BlockPublicAcls: true, BlockPublicPolicy: true }
    await it.s3.send(new PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration }))
    const answer = await it.s3.send(new GetPublicAccessBlockCommand({ Bucket }))
    expect(answer.PublicAccessBlockConfiguration).toMatchObject({ BlockPublicAcls: true, IgnorePublicAcls: false })
    await it.s3.send(new DeletePublicAccessBlockCommand({ Bucket }))
  })

  test('stores, returns and deletes the ownership of objects', async () => {
    const Bucket = it.bucket
    const read = () => it.s3.send(new GetBucketOwnershipControlsCommand({ Bucket }))
    await expect(read()).rejects.toMatchObject({ name: 'OwnershipControlsNotFoundError' })
    const OwnershipControls = { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' as const }] }
    await it.s3.send(new PutBucketOwnershipControlsCommand({ Bucket, OwnershipControls }))
    expect((await read()).OwnershipControls).toEqual(OwnershipControls)
    await it.s3.send(new DeleteBucketOwnershipControlsCommand({ Bucket }))
    await expect(read()).rejects.toMatchObject({ name: 'OwnershipControlsNotFoundError' })
  })

  test('rejects an upload that began before the bucket was deleted and created again', async () => {
    const Bucket = 'short-lived'
    await it.s3.send(new CreateBucketCommand({ Bucket }))
    const upload = openUpload(it.store.endpoint, `/${Bucket}/late`, 200_000)
    upload.write(Buffer.alloc(100_000))
    await expect.poll(() => readdir(join(it.directory, 'temporary'))).toHaveLength(1)
    await it.s3.send(new DeleteBucketCommand({ Bucket }))
    await it.s3.send(new CreateBucketCommand({ Bucket }))
    upload.write(Buffer.alloc(100_000))
    expect(await upload.answer).toMatchObject({ status: 404, code: 'NoSuchBucket' })
    expect(await readdir(join(it.directory, 'temporary'))).toEqual([])
  })
})

describe('DeleteObjects', () => {
  test('reports each key, or only failures in quiet mode', async () => {
    const { bucket: Bucket } = it
    const keys = ['a', 'b & c', ' blank ', 'ü/<x>', 'cr\r']
    const tags = new Map<string, string>()
    for (const Key of keys) {
      const { ETag } = await it.s3.send(new PutObjectCommand({ Bucket, Key, Body: Key }))
      tags.set(Key, String(ETag))
    }
    const first = await it.s3.send(
      new DeleteObjectsCommand({
        Bucket,
        Delete: { Objects: [{ Key: 'a', ETag: tags.get('a') }, { Key: 'b & c', ETag: '"other"' }, { Key: 'never' }] },
      }),
    )
    expect(first.Deleted?.map(({ Key }) => Key)).toEqual(['a', 'never'])
    expect(first.Errors).toMatchObject([{ Key: 'b & c', Code: 'PreconditionFailed' }])
    const second = await it.s3.send(
      new DeleteObjectsCommand({ Bucket, Delete: { Quiet: true, Objects: keys.map((Key) => ({ Key })) } }),
    )
    expect(second.Deleted).toBeUndefined()
    const left = await sendSigned(it.store.endpoint, { method: 'GET', path: `/${Bucket}?list-type=2` })
    expect(left.text).toContain('<KeyCount>0</KeyCount>')
  })

  test('requires a checksum', async () => {
    const body = '<Delete><Object><Key>a</Key></Object></Delete>'
    const answer = await sendSigned(it.store.endpoint, { method: 'POST', path: '/pictures?delete=', body })
    expect(answer).toMatchObject({ status: 400, code: 'InvalidRequest' })
  })
})

describe('an operation that is not implemented', () => {
  test.each([
    ['GET', '/pictures?acl='],
    ['PUT', '/pictures?policy='],
    ['GET', '/pictures?versioning='],
    ['GET', '/pictures?encryption='],
    ['GET', '/pictures?uploads='],
    ['GET', '/pictures'],
    ['GET', '/pictures/x?tagging='],
    ['POST', '/pictures/x?uploads='],
    ['PUT', '/pictures/x?partNumber=1&uploadId=2'],
    ['GET', '/pictures/x?versionId=1'],
    ['GET', '/pictures/x?unknown=1'],
  ])('%s %s answers 501 NotImplemented', async (method, path) => {
    expect(await sendSigned(it.store.endpoint, { method, path })).toMatchObject({ status: 501, code: 'NotImplemented' })
  })

  test('PutBucketVersioning answers 501 NotImplemented', async () => {
    const command = new PutBucketVersioningCommand({
      Bucket: it.bucket,
      VersioningConfiguration: { Status: 'Enabled' },
    })
    await expect(it.s3.send(command)).rejects.toMatchObject({ name: 'NotImplemented' })
  })

  test.each(['POST', 'PATCH'])('%s of an object answers 405', async (method) => {
    const answer = await sendSigned(it.store.endpoint, { method, path: '/pictures/x' })
    expect(answer).toMatchObject({ status: 405, code: 'MethodNotAllowed' })
  })
})

import 'server-only'
import { randomUUID } from 'node:crypto'
import {
  DeleteObjectsCommand,
  type DeleteObjectsCommandOutput,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
} from '@aws-sdk/client-s3'
import { toRefusal } from './checks/check-result'
import type { Bucket } from './client'
import { ObjectsNotDeleted, putObject } from './objects'
import { type Refusal, refusalOf } from './refusal'
import { nameRequest, sendCommand } from './send'

/** One version of an object, or a mark that an object is deleted. */
export interface Version {
  key: string
  /** Undefined if the store does not list versions. `null`, as text, in a bucket without versions. */
  versionId: string | undefined
}

/** The bucket keeps old versions, and the host may not delete them. */
export class VersionsKept extends Error {
  override name = 'VersionsKept'
  constructor(bucket: string) {
    super(
      `the bucket ${bucket} keeps old versions, which this host may not list: allow it s3:ListBucketVersions on the ` +
        'bucket and s3:DeleteObjectVersion on its objects (npm run bucket -- policy prints the policy)',
    )
  }
}

/** Returns why the store does not list versions below a prefix, or null if it does. @throws StoreUnreachable */
export async function refusalOfVersions(bucket: Bucket, prefix: string): Promise<Refusal | null> {
  try {
    await sendVersionListing(bucket, prefix, 1)
    return null
  } catch (error) {
    return toRefusal(error)
  }
}

/**
 * Lists the first versions below a prefix, delete markers included: at most 1,000. If the store has no such listing or
 * does not allow it, lists the objects.
 * @throws VersionsKept if there is no such listing and the bucket is versioned
 */
export async function listVersions(bucket: Bucket, prefix: string): Promise<Version[]> {
  try {
    const { Versions = [], DeleteMarkers = [] } = await sendVersionListing(bucket, prefix, 1000)
    return [...Versions, ...DeleteMarkers].map(({ Key = '', VersionId }) => ({ key: Key, versionId: VersionId }))
  } catch (error) {
    const status = refusalOf(error)?.status
    if (status !== 403 && status !== 405 && status !== 501) throw error
  }
  await requireUnversioned(bucket, prefix)
  const { Contents = [] } = await sendCommand(
    bucket,
    'ListObjectsV2',
    prefix,
    new ListObjectsV2Command({ Bucket: bucket.name, Prefix: prefix, MaxKeys: 1000 }),
  )
  return Contents.map(({ Key = '' }) => ({ key: Key, versionId: undefined }))
}

/**
 * Deletes a test object. In a versioned bucket, that only marks it as deleted. Other objects would be hidden in the same
 * way, and the next listing would look as if nothing were left.
 * @throws VersionsKept
 */
async function requireUnversioned(bucket: Bucket, prefix: string): Promise<void> {
  const key = `${prefix}versions-check-${randomUUID()}`
  await putObject(bucket, key, 'test', { contentType: 'text/plain' })
  await deleteVersions(bucket, [{ key, versionId: undefined }])
}

function sendVersionListing(bucket: Bucket, prefix: string, limit: number) {
  const command = new ListObjectVersionsCommand({ Bucket: bucket.name, Prefix: prefix, MaxKeys: limit })
  return sendCommand(bucket, 'ListObjectVersions', prefix, command)
}

/**
 * Deletes versions, so that nothing is left of them: at most 1,000.
 * @throws ObjectsNotDeleted if the store rejected some, and deleted the others
 * @throws VersionsKept if the store only marked some as deleted
 */
export async function deleteVersions(bucket: Bucket, versions: Version[]): Promise<void> {
  const [first] = versions
  if (!first) return
  const Objects = versions.map(({ key, versionId }) => ({ Key: key, VersionId: versionId }))
  const command = new DeleteObjectsCommand({ Bucket: bucket.name, Delete: { Objects } })
  const output = await sendCommand(bucket, 'DeleteObjects', first.key, command)
  const error = findFailure(bucket, versions, output)
  if (error) throw await nameRequest(error, bucket, 'DeleteObjects', first.key)
}

function findFailure(
  { name }: Bucket,
  versions: Version[],
  { Errors = [], Deleted = [] }: DeleteObjectsCommandOutput,
): Error | null {
  const [failed] = Errors
  if (failed) {
    const keys = Errors.map(({ Key = '' }) => Key)
    return new ObjectsNotDeleted(keys, failed.Code ?? 'UnknownError', failed.Message)
  }
  // A deletion without a version leaves the object, and answers with the mark that it wrote.
  const isMarked = versions.some(({ versionId }) => versionId === undefined)
  return isMarked && Deleted.some(({ DeleteMarker }) => DeleteMarker) ? new VersionsKept(name) : null
}

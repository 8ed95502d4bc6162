import type { Bucket } from './buckets'
import { requireDeletable } from './conditions'
import { StoreError } from './errors'
import type { SignedExchange } from './exchange'
import { listObjectsDocument, listVersionsDocument, ownerMarkup } from './list'
import { readDocument, readOptionalDocument } from './payload'
import { sendEmpty, sendXml } from './respond'
import { requireValidKey } from './target'
import { branch, childNodes, childText, leaf, parseXml, type XmlNode, xmlDocument } from './xml'

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBuckets.html */
export async function listBuckets({ response, buckets }: SignedExchange): Promise<void> {
  const all = buckets.list().map(({ name, settings }) => {
    return branch('Bucket', [leaf('Name', name), leaf('CreationDate', new Date(settings.createdAt).toISOString())])
  })
  sendXml(response, 200, xmlDocument('ListAllMyBucketsResult', [ownerMarkup(), branch('Buckets', all)]))
}

/** Creates a bucket. Idempotent, because there is only one owner. https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html */
export async function createBucket(exchange: SignedExchange): Promise<void> {
  const { request, response, target, buckets, account } = exchange
  const body = await readOptionalDocument(request, exchange.payloadHash)
  const constraint = body.length === 0 ? undefined : readLocation(body)
  if (constraint !== undefined && constraint !== account.region) {
    throw new StoreError('IllegalLocationConstraintException')
  }
  buckets.create(target.bucket)
  response.setHeader('location', `/${target.bucket}`)
  sendEmpty(response, 200)
}

function readLocation(body: Buffer): string | undefined {
  return childText(parseXml(body, 'CreateBucketConfiguration'), 'LocationConstraint')
}

export async function headBucket({ response, target, buckets, account }: SignedExchange): Promise<void> {
  buckets.get(target.bucket)
  response.setHeader('x-amz-bucket-region', account.region)
  sendEmpty(response, 200)
}

export async function getBucketLocation({ response, target, buckets, account }: SignedExchange): Promise<void> {
  buckets.get(target.bucket)
  // The location of us-east-1 is empty. API_GetBucketLocation.html
  const region = account.region === 'us-east-1' ? '' : account.region
  sendXml(response, 200, xmlDocument('LocationConstraint', [region]))
}

export async function deleteBucket({ response, target, buckets }: SignedExchange): Promise<void> {
  buckets.delete(target.bucket)
  sendEmpty(response, 204)
}

export async function listObjects({ response, target, buckets, account }: SignedExchange): Promise<void> {
  if (target.query.get('list-type') !== '2')
    throw new StoreError('NotImplemented', 'Only ListObjectsV2 is implemented.')
  const bucket = buckets.get(target.bucket)
  const entries = (from: string) => bucket.entriesFrom(from)
  sendXml(response, 200, listObjectsDocument(bucket.name, entries, target.query, account.secretAccessKey))
}

/**
 * Lists the only version of each object: buckets are not versioned here. One page.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html
 */
export async function listVersions({ response, target, buckets }: SignedExchange): Promise<void> {
  const bucket = buckets.get(target.bucket)
  const entries = (from: string) => bucket.entriesFrom(from)
  sendXml(response, 200, listVersionsDocument(bucket.name, entries, target.query))
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html */
export async function deleteObjects(exchange: SignedExchange): Promise<void> {
  const { request, response, target, buckets } = exchange
  const bucket = buckets.get(target.bucket)
  const body = parseXml(await readDocument(request, exchange.payloadHash), 'Delete')
  const objects = childNodes(body, 'Object')
  if (objects.length === 0 || objects.length > 1000) throw new StoreError('MalformedXML')
  const isQuiet = childText(body, 'Quiet') === 'true'
  const results = objects.map((object) => deleteOne(bucket, object, isQuiet))
  sendXml(response, 200, xmlDocument('DeleteResult', results))
}

/** Deletes one key and returns the outcome as XML. A failure does not affect the other keys. */
function deleteOne(bucket: Bucket, object: XmlNode, isQuiet: boolean): string {
  const key = childText(object, 'Key')
  if (!key) throw new StoreError('MalformedXML')
  try {
    // The version of an object in a bucket that is not versioned.
    if ((childText(object, 'VersionId') ?? 'null') !== 'null') throw new StoreError('NotImplemented')
    requireValidKey(key)
    bucket.delete(key, (existing) => requireDeletable(existing, childText(object, 'ETag')))
    return isQuiet ? '' : branch('Deleted', [leaf('Key', key)])
  } catch (error) {
    if (!(error instanceof StoreError)) throw error
    return branch('Error', [leaf('Key', key), leaf('Code', error.code), leaf('Message', error.message)])
  }
}

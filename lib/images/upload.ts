import 'server-only'
import { env } from '@/lib/env'
import { ok, type Result, refuse } from '@/lib/result'
import { presignPost, presignPut } from '@/lib/s3/presign'
import { type Collection, findCollection } from './collections'
import type { StartUpload, UploadTicket } from './schema'
import { bucketOf } from './storage/buckets'
import { createUploadId } from './storage/ids'
import type { Owner } from './storage/image-ref'
import { keys } from './storage/keys'
import { hasRoomForUpload } from './storage/quota'
import { reachStage } from './upload-stages'

/** Lifetime of an upload policy (security S5). */
const expiresInSeconds = 5 * 60

/** Returns the largest upload in bytes: the collection's limit, or MAX_UPLOAD_BYTES if that is lower. */
export function uploadLimit(collection: Collection): number {
  return Math.min(collection.maxUploadBytes, env().maxUploadBytes)
}

/**
 * Step 1: issues a policy or URL with which the browser sends one file directly to the store.
 * Errors: `invalid_request`, `unsupported_type`, `too_large`, `quota`.
 */
export async function startUpload(owner: Owner, request: StartUpload): Promise<Result<UploadTicket>> {
  const collection = findCollection(request.collection)
  if (!collection) {
    return refuse('invalid_request', { fields: [{ path: 'collection', message: 'there is no such collection' }] })
  }
  if (!collection.types.includes(request.contentType)) return refuse('unsupported_type')
  if (request.size < 1) return refuse('invalid_request', { fields: [{ path: 'size', message: 'the file is empty' }] })
  const maxBytes = uploadLimit(collection)
  if (request.size > maxBytes) return refuse('too_large')
  if (!(await hasRoomForUpload(owner))) return refuse('quota')

  const bucket = bucketOf(collection)
  const uploadId = createUploadId(owner.uid, collection, bucket.clock.now())
  const key = keys.upload(owner.uid, uploadId)
  const { contentType, size } = request
  const method = env().uploadMethod === 'put' ? 'PUT' : 'POST'
  const presigned =
    method === 'PUT'
      ? await presignPut(bucket, key, { contentType, bytes: size, expiresInSeconds })
      : await presignPost(bucket, key, { contentType, maxBytes, expiresInSeconds })
  reachStage('issued', collection)
  return ok({ uploadId, method, ...presigned, expiresAt: presigned.expiresAt.toISOString(), maxBytes })
}

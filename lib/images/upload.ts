import 'server-only'
import { env } from '@/lib/env'
import { ok, type Result, refuse } from '@/lib/result'
import { presignPost, presignPut } from '@/lib/s3/presign'
import { type Collection, findCollection } from './collections'
import type { StartUpload, UploadTicket } from './schema'
import { bucketOf } from './storage/buckets'
import { createUploadId } from './storage/ids'
import { keys } from './storage/keys'
import type { Owner } from './storage/owner'
import { hasRoomForUpload } from './storage/quota'

/** A policy's life (security S5). */
const expiresInSeconds = 5 * 60

/** The largest upload of a collection in bytes: its own limit, or the deployment's where that is lower. */
export function uploadLimit(collection: Collection): number {
  return Math.min(collection.maxUploadBytes, env().maxUploadBytes)
}

/**
 * Step 1: issues what the browser needs to send one file straight to the store. No byte passes a host.
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
  const permit =
    method === 'PUT'
      ? await presignPut(bucket, key, { contentType, bytes: size, expiresInSeconds })
      : await presignPost(bucket, key, { contentType, maxBytes, expiresInSeconds })
  return ok({ uploadId, method, ...permit, expiresAt: permit.expiresAt.toISOString(), maxBytes })
}

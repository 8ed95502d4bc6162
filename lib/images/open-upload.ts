import 'server-only'
import { ok, type Result, refuse } from '@/lib/result'
import { presignGet } from '@/lib/s3/presign'
import type { CropAnswer, Recipe } from './schema'
import { headUpload, isComplete, isCroppable, readDraft } from './storage/draft'
import { type Owner, resolveUpload } from './storage/image-ref'
import { keys } from './storage/keys'
import { readManifest } from './storage/manifest'
import { showDraft } from './storage/urls'
import { reachStage } from './upload-stages'

/** The data of the crop page. */
export interface OpenedUpload {
  collection: string
  /** Presigned URL of the upload, which may be erased by now, and the ETag that the next crop sends. */
  source: { url: string; etag: string }
  /** The recipe of the requested crop, or null. */
  recipe: Recipe | null
  /** The requested crop if all its files exist, else null. */
  crop: CropAnswer | null
}

/**
 * Opens an upload for cropping, on any host and any number of times (U15).
 * Errors: `not_found`, `not_uploaded`, `draft_gone`.
 * @param cropId an earlier crop to show, or null
 */
export async function openUpload(owner: Owner, uploadId: string, cropId: string | null): Promise<Result<OpenedUpload>> {
  const upload = resolveUpload(owner, uploadId)
  if (!upload) return refuse('not_found')
  if (!isCroppable(upload)) return refuse('draft_gone')
  const [draft, uploaded, manifest] = await Promise.all([
    readDraft(upload),
    headUpload(upload),
    cropId ? readManifest(upload, cropId) : null,
  ])
  const existing = manifest && isComplete(upload, draft, manifest) ? manifest : null
  const [workingCopy] = draft.workingCopies
  // A save without the original erases the upload. An existing crop can still be saved then.
  const etag = workingCopy ?? uploaded?.etag ?? existing?.source.etag
  if (!etag) return refuse('not_uploaded')
  const { uid, bucket, collection } = upload
  if (!workingCopy) reachStage('sent', collection)
  const key = workingCopy ? keys.workingCopy(uid, uploadId, workingCopy) : keys.upload(uid, uploadId)
  return ok({
    collection: collection.name,
    source: { url: await presignGet(bucket, key), etag },
    recipe: manifest?.recipe ?? null,
    crop: existing && (await showDraft(upload, existing)),
  })
}

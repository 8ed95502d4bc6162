import 'server-only'
import { ok, type Result, refuse } from '@/lib/result'
import { presignGet } from '@/lib/s3/presign'
import type { CropAnswer, Recipe } from './schema'
import { headUpload, isComplete, isOpen, readDraft } from './storage/draft'
import { resolveUpload } from './storage/image-ref'
import { keys } from './storage/keys'
import { readManifest } from './storage/manifest'
import type { Owner } from './storage/owner'
import { showDraft } from './storage/urls'

/** What the crop page shows. */
export interface OpenedUpload {
  collection: string
  /** The upload straight from the store, which may be erased by now, and its ETag, which the crop then insists on. */
  source: { url: string; etag: string }
  /** The recipe of the crop that was asked for, or null. */
  recipe: Recipe | null
  /** The crop that was asked for, if it exists. */
  drawn: CropAnswer | null
}

/**
 * Opens an upload for cropping: the same from any host, any number of times (U15).
 * @param cropId a crop that was made before
 * Errors: `not_found`, `not_uploaded`, `draft_gone`.
 */
export async function openUpload(owner: Owner, uploadId: string, cropId: string | null): Promise<Result<OpenedUpload>> {
  const upload = resolveUpload(owner, uploadId)
  if (!upload) return refuse('not_found')
  if (!isOpen(upload)) return refuse('draft_gone')
  const [draft, sent, crop] = await Promise.all([
    readDraft(upload),
    headUpload(upload),
    cropId ? readManifest(upload, cropId) : null,
  ])
  const drawn = crop && isComplete(draft, crop) ? crop : null
  const [copied] = draft.workingCopies
  // A save that does not keep the original has erased the upload; a crop that was made before can still be saved.
  const etag = copied ?? sent?.etag ?? drawn?.source.etag
  if (!etag) return refuse('not_uploaded')
  const { uid, bucket, collection } = upload
  const key = copied ? keys.workingCopy(uid, uploadId, copied) : keys.upload(uid, uploadId)
  return ok({
    collection: collection.name,
    source: { url: await presignGet(bucket, key), etag },
    recipe: crop?.recipe ?? null,
    drawn: drawn && (await showDraft(upload, drawn)),
  })
}

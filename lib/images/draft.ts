import 'server-only'
import { copyObject, deleteObjects, headObject, listAllObjects, type ObjectHead } from '@/lib/s3/objects'
import type { Addressed } from './addressed'
import { ok, type Result, refuse } from './errors'
import { keys } from './keys'

/** What stands under an image's draft prefix. */
export interface Draft {
  /** The copy that is worked on, and the ETag that the upload had; null before the first crop. */
  workingCopy: { key: string; etag: string; size: number } | null
  /** cropIds that have a manifest, the newest first. */
  cropIds: string[]
  hasRecipe: boolean
  isDeleted: boolean
}

/** Looks at a draft with one listing. */
export async function readDraft(image: Addressed): Promise<Draft> {
  const prefix = keys.draft(image.uid, image.imageId)
  const objects = await listAllObjects(image.bucket, prefix)
  const draft: Draft = { workingCopy: null, cropIds: [], hasRecipe: false, isDeleted: false }
  const newestFirst = objects.sort((a, b) => b.lastModified.getTime() - a.lastModified.getTime())
  for (const { key, size } of newestFirst) {
    const [room = '', name = '', leaf] = key.slice(prefix.length).split('/')
    if (room === 'original') draft.workingCopy = { key, etag: name, size }
    else if (room === 'crops' && leaf === 'manifest.json') draft.cropIds.push(name)
    else if (room === 'recipe.json') draft.hasRecipe = true
    else if (room === 'tombstone') draft.isDeleted = true
  }
  return draft
}

/** The upload as the browser sent it, or null: it never arrived, or has expired. */
export function headUpload(image: Addressed): Promise<ObjectHead | null> {
  return headObject(image.bucket, keys.upload(image.uid, image.imageId))
}

/**
 * The copy that all work is done on. It is made once, inside the store, where no browser can write: an upload
 * policy that is replayed later changes nothing (contract, rule 2; security S12).
 * @param etag if given, only that upload
 */
export async function ensureWorkingCopy(
  image: Addressed,
  draft: Draft,
  etag: string | undefined,
  maxBytes: number,
): Promise<Result<{ key: string; etag: string; size: number }>> {
  if (draft.workingCopy) {
    return etag === undefined || etag === draft.workingCopy.etag ? ok(draft.workingCopy) : refuse('changed')
  }
  const upload = await headUpload(image)
  if (!upload) return refuse('not_uploaded')
  if (etag !== undefined && etag !== upload.etag) return refuse('changed')
  if (upload.size > maxBytes) return refuse('too_large')

  const key = keys.workingCopy(image.uid, image.imageId, upload.etag)
  const copyEtag = await copyObject(image.bucket, keys.upload(image.uid, image.imageId), key, upload.etag)
  if (copyEtag === null) return refuse('changed')
  // A store that ignores the condition may have copied newer bytes under the older name. Where ETags are not the
  // bytes' MD5 (KMS), a copy has another one: then the upload itself must still be what it was.
  if (copyEtag !== upload.etag && (await headUpload(image))?.etag !== upload.etag) {
    await deleteObjects(image.bucket, [key])
    return refuse('changed')
  }
  return ok({ key, etag: upload.etag, size: upload.size })
}

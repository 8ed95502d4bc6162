import 'server-only'
import { copyObject, deleteObjects, headObject, listAllObjects, type ObjectHead } from '@/lib/s3/objects'
import { issuedAt } from './ids'
import type { UploadRef } from './image-ref'
import { keys } from './keys'
import { filesOf, type Manifest } from './manifest'

const hourMs = 60 * 60 * 1000

/** Whether an upload can still be opened and cropped: until T + 46 h, whatever exists in the store. */
export function isOpen({ uploadId, bucket }: UploadRef): boolean {
  return bucket.clock.now() < issuedAt(uploadId) + 46 * hourMs
}

/**
 * Whether crops of an upload can still be saved: until T + 47 h. The bucket keeps drafts for 48 hours, so a save never
 * races their expiry; and no save is under way any more at T + 48 h, when cleanup erases what lacks an entry.
 */
export function isSavable({ uploadId, bucket }: UploadRef): boolean {
  return bucket.clock.now() < issuedAt(uploadId) + 47 * hourMs
}

/** What exists under an upload's draft prefix. */
export interface Draft {
  /** ETags of the working copies; more than one only where the upload was replaced while hosts copied it. */
  workingCopies: string[]
  /** The files of each crop, by cropId, with their endings. */
  crops: Map<string, Set<string>>
}

/** Lists a draft. */
export async function readDraft({ bucket, uid, uploadId }: UploadRef): Promise<Draft> {
  const prefix = keys.draft(uid, uploadId)
  const draft: Draft = { workingCopies: [], crops: new Map() }
  for (const { key } of await listAllObjects(bucket, prefix)) {
    const [room = '', name = '', file = ''] = key.slice(prefix.length).split('/')
    if (room === 'original') draft.workingCopies.push(name)
    if (room === 'crops') draft.crops.set(name, (draft.crops.get(name) ?? new Set()).add(file))
  }
  return draft
}

/** Whether all files of a crop exist. */
export function isComplete(draft: Draft, manifest: Manifest): boolean {
  const files = draft.crops.get(manifest.cropId)
  return filesOf(manifest).every((file) => files?.has(`${file}.webp`))
}

/** Reads the head of the upload as the browser sent it; null if it never arrived, or has expired. */
export function headUpload({ bucket, uid, uploadId }: UploadRef): Promise<ObjectHead | null> {
  return headObject(bucket, keys.upload(uid, uploadId))
}

/**
 * Makes the working copy of an upload, inside the store, where no browser can write. An upload policy that is used
 * again later changes nothing (security S12).
 * @param etag of the upload that is to be copied
 * @returns false if the upload is no longer that one
 */
export async function putWorkingCopy(upload: UploadRef, etag: string): Promise<boolean> {
  const { bucket, uid, uploadId } = upload
  const key = keys.workingCopy(uid, uploadId, etag)
  const copied = await copyObject(bucket, keys.upload(uid, uploadId), key, etag)
  if (copied === null) return false
  // A store that ignores the condition may have copied newer bytes under the older name. Where ETags are not the
  // bytes' MD5 (KMS), a copy has another one: then the upload itself must still be what it was.
  if (copied === etag || (await headUpload(upload))?.etag === etag) return true
  await deleteObjects(bucket, [key])
  return false
}

/** Erases an upload and its working copies. Whatever a late write adds expires with the bucket's rules. */
export function eraseUpload({ bucket, uid, uploadId }: UploadRef, etag: string): Promise<void> {
  return deleteObjects(bucket, [keys.upload(uid, uploadId), keys.workingCopy(uid, uploadId, etag)])
}

import 'server-only'
import {
  copyObject,
  deleteObjects,
  headObject,
  type ListedObject,
  listAllObjects,
  type ObjectHead,
} from '@/lib/s3/objects'
import { issuedAt } from './ids'
import type { UploadRef } from './image-ref'
import { keys } from './keys'
import { filesOf, type Manifest } from './manifest'

const hourMs = 60 * 60 * 1000

/** Returns whether an upload can be opened and cropped: until T + 46 h, whether or not it still exists. */
export function isCroppable({ uploadId, bucket }: UploadRef): boolean {
  return bucket.clock.now() < issuedAt(uploadId) + 46 * hourMs
}

/**
 * Returns whether the crops of an upload can be saved: until T + 47 h. The bucket keeps drafts for 48 hours, so a save
 * never races their expiry. From T + 48 h, cleanup erases files without an entry: every save has ended by then.
 */
export function isSavable({ uploadId, bucket }: UploadRef): boolean {
  return bucket.clock.now() < issuedAt(uploadId) + 47 * hourMs
}

/** The objects under an upload's draft prefix. */
export interface Draft {
  /** ETags of the working copies. There is more than one only if the upload was replaced while hosts copied it. */
  workingCopies: string[]
  /** The files of each crop, by cropId. */
  crops: Map<string, ListedObject[]>
}

/** Lists a draft. It stays small: see `eraseOldCrops`. */
export async function readDraft({ bucket, uid, uploadId }: UploadRef): Promise<Draft> {
  const prefix = keys.draft(uid, uploadId)
  const draft: Draft = { workingCopies: [], crops: new Map() }
  for (const object of await listAllObjects(bucket, prefix)) {
    const [folder = '', name = ''] = object.key.slice(prefix.length).split('/')
    if (folder === 'original') draft.workingCopies.push(name)
    if (folder === 'crops') draft.crops.set(name, [...(draft.crops.get(name) ?? []), object])
  }
  return draft
}

/** Returns whether all files of a crop exist. */
export function isComplete({ uid, uploadId }: UploadRef, draft: Draft, manifest: Manifest): boolean {
  const { cropId } = manifest
  const stored = new Set(draft.crops.get(cropId)?.map(({ key }) => key))
  return filesOf(manifest).every((file) => stored.has(keys.draftVariant(uid, uploadId, cropId, file)))
}

/** How many crops of an upload stay. A person may try hundreds, and every step lists all of them. */
const maxCrops = 20
/** A crop stays for this long in any case, in milliseconds: its page has just shown it, and a save may be reading it. */
const minCropAgeMs = 60_000

/**
 * Erases the oldest crops of an upload, so that the newest 20 stay when `newCropId` is written. A save of an erased crop
 * answers `draft_gone`, also if it was reading the crop, and the page crops again.
 */
export async function eraseOldCrops({ bucket }: UploadRef, draft: Draft, newCropId: string): Promise<void> {
  const others = [...draft.crops].filter(([cropId]) => cropId !== newCropId)
  const newestFirst = others.map(([, files]) => ({ files, at: newestOf(files) })).sort((one, two) => two.at - one.at)
  const now = bucket.clock.now()
  const old = newestFirst.slice(maxCrops - 1).filter(({ at }) => now - at > minCropAgeMs)
  await deleteObjects(
    bucket,
    old.flatMap(({ files }) => files.map(({ key }) => key)),
  )
}

/** Returns the store time of the newest file, in milliseconds. LastModified only decides which crops are the oldest. */
function newestOf(files: ListedObject[]): number {
  return Math.max(...files.map(({ lastModified }) => lastModified.getTime()))
}

/** Reads the head of the browser's upload; null if it never arrived or has expired. */
export function headUpload({ bucket, uid, uploadId }: UploadRef): Promise<ObjectHead | null> {
  return headObject(bucket, keys.upload(uid, uploadId))
}

/**
 * Copies an upload, inside the store, to where no browser can write. Later uses of the upload policy therefore change
 * nothing (security S12).
 * @param etag of the upload to copy
 * @returns false if the upload now has another ETag or is gone
 */
export async function putWorkingCopy(upload: UploadRef, etag: string): Promise<boolean> {
  const { bucket, uid, uploadId } = upload
  const key = keys.workingCopy(uid, uploadId, etag)
  const copied = await copyObject(bucket, keys.upload(uid, uploadId), key, etag)
  if (copied === null) return false
  // A store that ignores the condition may have copied newer bytes. With KMS, a copy of the same bytes has another ETag
  // too; then the upload's own ETag decides.
  if (copied === etag || (await headUpload(upload))?.etag === etag) return true
  await deleteObjects(bucket, [key])
  return false
}

/** Erases an upload and its working copy. Copies written later expire by the bucket's lifecycle rules. */
export function eraseUpload({ bucket, uid, uploadId }: UploadRef, etag: string): Promise<void> {
  return deleteObjects(bucket, [keys.upload(uid, uploadId), keys.workingCopy(uid, uploadId, etag)])
}

import 'server-only'
import { ok, type Result, refuse } from '@/lib/result'
import { copyObject, deleteObjects } from '@/lib/s3/objects'
import type { SavedImage } from './schema'
import { type Entry, readEntries } from './storage/entries'
import { revertTime } from './storage/ids'
import { type ImageRef, resolveImage } from './storage/image-ref'
import { entryKey, revisionAt } from './storage/keys'
import type { Owner } from './storage/owner'
import { currentOf, isDeleted, readTrail } from './storage/trail'
import { showSaved } from './storage/urls'

/**
 * Describes a saved image for people who cannot see it. A description is a later revision of the entry: it is written
 * before the older ones are deleted, so the image is never without an entry.
 * Errors: `not_found`.
 */
export async function describeImage(owner: Owner, imageId: string, alt: string): Promise<Result<SavedImage>> {
  const image = resolveImage(owner, imageId)
  if (!image) return refuse('not_found')
  for (;;) {
    const [entries, trail] = await Promise.all([readEntries(image), readTrail(image)])
    if (entries.length === 0 || isDeleted(trail, imageId)) return refuse('not_found')
    const described = await putRevision(image, entries as [Entry, ...Entry[]], alt)
    // Null: another description has replaced that entry meanwhile.
    if (described) return ok(await showSaved(image, described, currentOf(trail)?.imageId === imageId))
  }
}

/** Writes a revision later than the newest one, and deletes the older ones. @returns null if the newest one is gone */
async function putRevision(image: ImageRef, entries: [Entry, ...Entry[]], alt: string): Promise<Entry | null> {
  const { bucket, uid } = image
  const [newest] = entries
  let described = newest
  if (newest.alt !== alt) {
    const revision = revisionAt(Math.max(bucket.clock.now(), revertTime(newest.revision) + 1))
    const key = entryKey(uid, { ...newest, revision, alt })
    // The body, with the recipe, goes along.
    if ((await copyObject(bucket, newest.key, key)) === null) return null
    described = { ...newest, key, revision, alt }
  }
  await deleteObjects(
    bucket,
    entries.map(({ key }) => key).filter((key) => key !== described.key),
  )
  return described
}

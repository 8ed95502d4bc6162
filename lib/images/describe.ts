import 'server-only'
import { ok, type Result, refuse } from '@/lib/result'
import { copyObject, deleteObjects } from '@/lib/s3/objects'
import type { SavedImage } from './schema'
import { type Entry, readEntries } from './storage/entries'
import { revertTime } from './storage/ids'
import { type ImageRef, type Owner, resolveImage } from './storage/image-ref'
import { entryKey, revisionAt } from './storage/keys'
import { isCurrent, isDeleted, readTrail } from './storage/trail'
import { showSaved } from './storage/urls'

/**
 * Sets the alt text of a saved image. The description is a new revision of the entry, written before the older ones are
 * deleted, so the image always has an entry.
 * Errors: `not_found`.
 */
export async function describeImage(owner: Owner, imageId: string, alt: string): Promise<Result<SavedImage>> {
  const image = resolveImage(owner, imageId)
  if (!image) return refuse('not_found')
  for (;;) {
    const [entries, trail] = await Promise.all([readEntries(image), readTrail(image)])
    if (entries.length === 0 || isDeleted(trail, imageId)) return refuse('not_found')
    const described = await putRevision(image, entries as [Entry, ...Entry[]], alt)
    // Null if a concurrent description replaced the newest entry: reads the entries again.
    if (described) return ok(await showSaved(image, described, isCurrent(trail, imageId)))
  }
}

/** Writes a revision later than the newest one and deletes the older ones. @returns null if the newest one is gone */
async function putRevision(image: ImageRef, entries: [Entry, ...Entry[]], alt: string): Promise<Entry | null> {
  const { bucket, uid } = image
  const [newest] = entries
  let described = newest
  if (newest.alt !== alt) {
    const revision = revisionAt(Math.max(bucket.clock.now(), revertTime(newest.revision) + 1))
    const key = entryKey(uid, { ...newest, revision, alt })
    // The copy keeps the body, which has the recipe.
    if ((await copyObject(bucket, newest.key, key)) === null) return null
    described = { ...newest, key, revision, alt }
  }
  const olderKeys = entries.map(({ key }) => key).filter((key) => key !== described.key)
  await deleteObjects(bucket, olderKeys)
  return described
}

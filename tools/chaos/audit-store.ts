import { collectionOf, findCollection } from '@/lib/images/collections'
import { type EntryName, flags, parseEntryKey, parseTrailKey } from '@/lib/images/storage/keys'
import type { Account, Image } from './ledger'
import { type CollectionName, collectionNames } from './pictures'

/** All kept keys of one person, of all collections and buckets. */
export type StoredKeys = readonly string[]

/**
 * Checks the names of a person's objects against what was acknowledged: each saved image exists with all that belongs
 * to it, and nothing else exists (docs/layout.md). To be called when no request is running any more, two days after the
 * last one, and after cleanup: drafts have expired, and what deletions and killed saves left is erased.
 */
export function auditStore(account: Account, keys: StoredKeys): void {
  const { uid } = account
  const unclaimed = new Set(keys)
  const claim = (key: string) => unclaimed.delete(key)
  const entries = Map.groupBy(
    below(keys, `users/${uid}/v1/entries/`).flatMap((key) => parseEntryKey(key) ?? []),
    ({ imageId }) => imageId,
  )
  for (const image of account.images.values()) {
    const found = entries.get(image.imageId) ?? []
    // What is wrong with an entry is reported once. An entry that no save asked for is an orphan.
    for (const key of below(keys, `users/${uid}/v1/entries/${image.imageId}.`)) claim(key)
    if (!judgeEntries(account, image, found)) continue
    for (const key of keysOfImage(uid, image, found[0]?.flags.includes(flags.animated) ?? false)) {
      if (!claim(key)) account.find({ kind: 'lost', what: `${key} is missing` })
    }
  }
  // Only a save that has committed has an item in the trail. A deleted image keeps it.
  const wasSaved = (imageId: string) => entries.has(imageId) || Boolean(account.images.get(imageId)?.isSaved)
  for (const collection of collectionNames) auditTrail(account, collection, keys, claim, wasSaved)
  for (const key of unclaimed) account.find({ kind: 'orphan', what: `${key} belongs to nothing that was saved` })
}

/** Judges the entries of one image. @returns whether its objects must exist */
function judgeEntries(account: Account, image: Image, entries: EntryName[]): boolean {
  const { imageId, isSaved, deletion, cropId, keepsOriginal, alt } = image
  const [newest] = entries
  if (!newest) {
    if (isSaved && deletion === 'none') account.find({ kind: 'lost', what: `${imageId} was saved, and has no entry` })
    return false
  }
  if (deletion === 'confirmed') {
    account.find({ kind: 'wrong', what: `${imageId} was deleted, and has an entry` })
    return false
  }
  for (const entry of entries) {
    if (entry.cropId !== cropId || entry.flags.includes(flags.originalNotKept) === keepsOriginal) {
      const what = `${imageId} was saved as ${cropId}, and has an entry of ${entry.cropId} (${entry.flags})`
      account.find({ kind: 'wrong', what })
    }
  }
  // The newest revision is listed first, and counts.
  if (!alt.accepts(newest.alt)) {
    account.find({ kind: 'wrong', what: `${imageId} is described as "${newest.alt}" instead of "${alt}"` })
  }
  return true
}

/** All keys of an image beside its entries. */
function keysOfImage(uid: string, { imageId, keepsOriginal }: Image, isAnimated: boolean): string[] {
  const files = (collectionOf(imageId)?.variants ?? []).flatMap(({ name }) =>
    isAnimated ? [name, `${name}-poster`] : [name],
  )
  return [
    ...files.map((file) => `media/${uid}/${imageId}/${file}.webp`),
    ...(keepsOriginal ? [`users/${uid}/v1/originals/${imageId}`] : []),
  ]
}

/** Claims what was current, and the mark of the last search for orphans; checks the head. Tombstones are orphans now. */
function auditTrail(
  account: Account,
  name: CollectionName,
  keys: StoredKeys,
  claim: (key: string) => void,
  wasSaved: (imageId: string) => boolean,
): void {
  const prefix = `users/${account.uid}/v1/trail/${findCollection(name)?.code}/`
  const items: (string | null)[] = []
  let cleaned: string | undefined
  for (const key of below(keys, prefix).toSorted()) {
    const parsed = parseTrailKey(key)
    if (parsed?.kind === 'cleaned') cleaned = key
    if (parsed?.kind !== 'item') continue
    const imageId = parsed.image?.imageId ?? null
    items.push(imageId)
    if (imageId === null || wasSaved(imageId)) claim(key)
  }
  if (cleaned) claim(cleaned)
  const [head = null] = items
  const current = account.current[name]
  if (!current.accepts(head)) {
    account.find({ kind: 'wrong', what: `the trail of ${name} begins with ${head} instead of ${current}` })
  }
}

function below(keys: StoredKeys, prefix: string): string[] {
  return keys.filter((key) => key.startsWith(prefix))
}

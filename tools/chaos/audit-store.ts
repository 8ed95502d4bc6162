import { collectionOf, findCollection } from '@/lib/images/collections'
import { type EntryName, flags, keys as keyNames, parseEntryKey, parseTrailKey } from '@/lib/images/storage/keys'
import type { Account, Image } from './ledger'
import { type CollectionName, collectionNames } from './pictures'

/** All kept keys of one person, of all collections and buckets. */
export type StoredKeys = readonly string[]

/**
 * Checks the keys of a person's objects against the acknowledged steps: each saved image exists with all its objects, and
 * nothing else exists (docs/layout.md). Call it when no request is running, two days after the last request, and after
 * cleanup: then drafts have expired, and leftovers of deletions and killed saves are erased.
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
    const ownEntries = entries.get(image.imageId) ?? []
    // Each wrong entry is reported once. An entry without a save is an orphan.
    for (const key of below(keys, `users/${uid}/v1/entries/${image.imageId}.`)) claim(key)
    if (!judgeEntries(account, image, ownEntries)) continue
    for (const key of keysOfImage(uid, image, ownEntries[0]?.flags.includes(flags.animated) ?? false)) {
      if (!claim(key)) account.addFinding('lost', `${key} is missing`)
    }
  }
  // Only committed saves have an item in the trail. The item of a deleted image stays.
  const wasSaved = (imageId: string) => entries.has(imageId) || Boolean(account.images.get(imageId)?.isSaved)
  for (const collection of collectionNames) auditTrail(account, collection, keys, claim, wasSaved)
  const { subject } = account.credentials
  const epoch = keyNames.epoch(uid)
  if (subject !== null && !claim(epoch)) account.addFinding('lost', `${epoch} is missing`)
  for (const key of unclaimed) account.addFinding('orphan', `${key} belongs to no saved image`)
}

/** Checks the entries of one image. @returns whether its objects must exist */
function judgeEntries(account: Account, image: Image, entries: EntryName[]): boolean {
  const { imageId, isSaved, deletion, cropId, keepsOriginal, alt } = image
  const [newest] = entries
  if (!newest) {
    if (isSaved && deletion === 'none') account.addFinding('lost', `${imageId} was saved but has no entry`)
    return false
  }
  if (deletion === 'confirmed') {
    account.addFinding('wrong', `${imageId} was deleted but has an entry`)
    return false
  }
  for (const entry of entries) {
    if (entry.cropId !== cropId || entry.flags.includes(flags.originalNotKept) === keepsOriginal) {
      const what = `${imageId} was saved as ${cropId} but has an entry of ${entry.cropId} (${entry.flags})`
      account.addFinding('wrong', what)
    }
  }
  // The first listed revision is the newest one, which is valid.
  if (!alt.accepts(newest.alt)) {
    account.addFinding('wrong', `${imageId} has the description "${newest.alt}" instead of "${alt}"`)
  }
  return true
}

/** Returns all keys of an image except its entries. */
function keysOfImage(uid: string, { imageId, keepsOriginal }: Image, isAnimated: boolean): string[] {
  const files = (collectionOf(imageId)?.variants ?? []).flatMap(({ name }) =>
    isAnimated ? [name, `${name}-poster`] : [name],
  )
  return [
    ...files.map((file) => `media/${uid}/${imageId}/${file}.webp`),
    ...(keepsOriginal ? [`users/${uid}/v1/originals/${imageId}`] : []),
  ]
}

/** Claims the items of a trail and the mark of the last search for orphans; checks the head. Tombstones are orphans. */
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
    account.addFinding('wrong', `the trail of ${name} begins with ${head} instead of ${current}`)
  }
}

function below(keys: StoredKeys, prefix: string): string[] {
  return keys.filter((key) => key.startsWith(prefix))
}

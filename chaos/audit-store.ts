import { collectionOf, findCollection } from '@/lib/images/collections'
import { type EntryName, flags, parseEntryKey, parseTrailKey } from '@/lib/images/keys'
import { type Account, choiceOf, type Picture, type SaveChoice } from './ledger'
import { type CollectionName, collectionNames } from './pictures'

/** What stands of one person in the store, all collections and buckets together, by key. */
export type StoredKeys = readonly string[]

/**
 * Holds what stands in the store to what a person was told, from the names alone, without the product: each picture is
 * there with all that belongs to it, each is of its collection, and nothing else is there. To be called when nobody is
 * at work any more, and 48 hours after the last step: drafts have expired, and what was killed is finished or cleared.
 */
export function auditStore(account: Account, keys: StoredKeys): void {
  const { uid } = account
  const entries = new Map<string, EntryName[]>()
  const unclaimed = new Set(keys)
  const claim = (key: string) => unclaimed.delete(key)
  for (const key of below(keys, `users/${uid}/v1/entries/`)) {
    const entry = parseEntryKey(key)
    entries.set(entry.imageId, [...(entries.get(entry.imageId) ?? []), entry])
  }
  for (const picture of account.pictures.values()) {
    const { imageId } = picture
    const found = entries.get(imageId) ?? []
    const [entry] = found
    const choice = judgeEntries(account, picture, found)
    // What is wrong with an entry is told once; one that nobody ever asked for is an orphan.
    if (picture.asked.length > 0) for (const key of below(keys, `users/${uid}/v1/entries/${imageId}.`)) claim(key)
    if (!choice) continue
    for (const key of keysOfPicture(uid, imageId, choice, entry?.flags.includes(flags.animated) ?? false)) {
      if (!claim(key)) account.find({ kind: 'lost', what: `${key} is missing` })
    }
  }
  // A save that never committed has no place in the trail; one that was deleted since has.
  const wasSaved = (imageId: string) => entries.has(imageId) || Boolean(account.pictures.get(imageId)?.saved)
  for (const collection of collectionNames) {
    auditTrail(account, collection, keys, (key, imageId) => {
      if (imageId === null || wasSaved(imageId)) claim(key)
    })
  }
  for (const key of unclaimed) account.find({ kind: 'orphan', what: `${key} belongs to nothing that was saved` })
}

/** Judges the entries of one image. @returns what must stand with them; null: nothing */
function judgeEntries(account: Account, picture: Picture, entries: EntryName[]): SaveChoice | null {
  const { imageId, saved, deletion } = picture
  const [entry] = entries
  if (!entry) {
    if (saved && deletion === 'none') account.find({ kind: 'lost', what: `${imageId} was saved, and has no entry` })
    return null
  }
  if (deletion === 'told') {
    account.find({ kind: 'wrong', what: `${imageId} was deleted, and has an entry` })
    return null
  }
  const choice = choiceOf(picture, entry.cropId)
  if (!choice) return null
  for (const { cropId, flags: letters } of entries) {
    if (cropId !== choice.cropId || letters.includes(flags.originalNotKept) === choice.keepsOriginal) {
      account.find({
        kind: 'wrong',
        what: `${imageId} was saved as ${choice.cropId}, and has an entry of ${cropId} (${letters})`,
      })
    }
  }
  // The newest revision comes first, and is what everybody reads.
  if (!picture.alt.accepts(entry.alt)) {
    account.find({
      kind: 'wrong',
      what: `${imageId} is described as "${entry.alt}", and was told to be "${picture.alt}"`,
    })
  }
  return choice
}

/** All that belongs to a picture beside its entry (docs/layout.md). */
function keysOfPicture(
  uid: string,
  imageId: string,
  { cropId, keepsOriginal }: SaveChoice,
  isAnimated: boolean,
): string[] {
  const variants = (collectionOf(imageId)?.variants ?? []).flatMap(({ name }) =>
    isAnimated ? [name, `${name}-poster`] : [name],
  )
  return [
    ...variants.map((name) => `media/${uid}/${imageId}/${cropId}/${name}.webp`),
    `users/${uid}/v1/images/${imageId}/${cropId}/recipe.json`,
    ...(keepsOriginal ? [`users/${uid}/v1/images/${imageId}/${cropId}/original`] : []),
  ]
}

/** The trail holds what was current, and nothing of what was begun; its head is what was made current last. */
function auditTrail(
  account: Account,
  name: CollectionName,
  keys: StoredKeys,
  claim: (key: string, imageId: string | null) => void,
): void {
  const prefix = `users/${account.uid}/v1/trail/${findCollection(name)?.code}/`
  const items: (string | null)[] = []
  for (const key of below(keys, prefix).toSorted()) {
    const item = parseTrailKey(key)
    // Marks are orphans: two days after it nothing is under way.
    if (item.kind !== 'item' && item.kind !== 'none') continue
    const imageId = item.kind === 'item' ? item.imageId : null
    items.push(imageId)
    claim(key, imageId)
  }
  const [head = null] = items
  const current = account.current[name]
  if (!current.accepts(head)) {
    account.find({
      kind: 'wrong',
      what: `the trail of ${name} begins with ${head}, and ${current} was told to be current`,
    })
  }
}

function below(keys: StoredKeys, prefix: string): string[] {
  return keys.filter((key) => key.startsWith(prefix))
}

import type { SavedImage } from '@/lib/images/schema'
import { type Account, choiceOf, type Picture, type SaveChoice } from './ledger'
import type { CollectionName } from './pictures'

/** What the gallery tells of a picture, as far as it is judged. */
type Shown = Pick<SavedImage, 'imageId' | 'cropId' | 'alt' | 'current'> & { original: unknown }

/**
 * Holds a person's whole gallery to what they were told: what was saved is there, what was deleted is not, nothing is
 * anyone else's, and what is current is what was made so last. Takes in what it settles of what was "perhaps".
 * @param now milliseconds; Infinity where nobody can be at work any more
 */
export function judgeGallery(account: Account, collection: CollectionName, shown: readonly Shown[], now: number): void {
  const ids = shown.map(({ imageId }) => imageId)
  if (new Set(ids).size < ids.length) account.find({ kind: 'wrong', what: `a picture is shown twice: ${ids}` })
  if (ids.some((id, at) => at > 0 && id < (ids[at - 1] as string))) {
    account.find({ kind: 'wrong', what: `the gallery is not newest first: ${ids}` })
  }
  for (const one of shown) judgeShown(account, collection, one, now)
  for (const { imageId } of account.standing(collection)) {
    if (!ids.includes(imageId)) account.find({ kind: 'lost', what: `${imageId} was saved, and is not in the gallery` })
  }
  judgeCurrent(
    account,
    collection,
    shown.filter(({ current }) => current).map(({ imageId }) => imageId),
    now,
  )
}

/** Holds what every page shows as the current picture, which is read another way, to the same. */
export function judgeHead(
  account: Account,
  collection: CollectionName,
  shown: { imageId: string; cropId: string } | null,
  now: number,
): void {
  judgeCurrent(account, collection, shown ? [shown.imageId] : [], now)
  const picture = shown && account.pictures.get(shown.imageId)
  const choice = picture && choiceOf(picture, shown.cropId)
  if (choice && choice.cropId !== shown.cropId) {
    const what = `${shown.imageId} was saved as ${choice.cropId}, and is current as ${shown.cropId}`
    account.find({ kind: 'wrong', what })
  }
}

function judgeShown(account: Account, collection: CollectionName, shown: Shown, now: number): void {
  const { imageId } = shown
  const picture = account.pictures.get(imageId)
  const wrong = (what: string) => account.find({ kind: 'wrong', what: `${imageId} ${what}` })
  const choice = picture && choiceOf(picture, shown.cropId)
  if (!picture || picture.collection !== collection) wrong('is shown, and was never theirs')
  else if (!choice) wrong('is shown, and was never to be saved')
  else if (picture.deletion === 'told' && picture.ghostsUntil < now) wrong('was deleted, and is shown')
  else judgeDetails(account, picture, choice, shown, now)
}

function judgeDetails(account: Account, picture: Picture, choice: SaveChoice, shown: Shown, now: number): void {
  const { imageId, alt } = picture
  const wrong = (what: string) => account.find({ kind: 'wrong', what: `${imageId} ${what}` })
  if (shown.cropId !== choice.cropId) wrong(`was saved as ${choice.cropId}, and is shown as ${shown.cropId}`)
  if (shown.original === null && choice.keepsOriginal) {
    account.find({ kind: 'lost', what: `the original of ${imageId} was to be kept` })
  }
  if (shown.original !== null && !choice.keepsOriginal) wrong('was to be saved without its original, and has one')
  if (alt.accepts(shown.alt)) alt.see(shown.alt, now)
  else wrong(`is described as "${shown.alt}", and was told to be "${alt}"`)
}

function judgeCurrent(account: Account, collection: CollectionName, marked: readonly string[], now: number): void {
  if (marked.length > 1) account.find({ kind: 'wrong', what: `two are current: ${marked}` })
  const current = account.current[collection]
  const [seen = null] = marked
  if (current.accepts(seen)) current.see(seen, now)
  else if (seen === null) account.find({ kind: 'lost', what: `none is current, and ${current} was told to be` })
  else account.find({ kind: 'wrong', what: `${seen} is current, and ${current} was told to be` })
}

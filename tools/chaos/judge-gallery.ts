import type { SavedImage } from '@/lib/images/schema'
import type { Account, Image } from './ledger'
import type { CollectionName } from './pictures'

/** What is checked of an image in the gallery. */
type Shown = Pick<SavedImage, 'imageId' | 'uploadId' | 'cropId' | 'alt' | 'current'> & { original: unknown }

/**
 * Checks a person's whole gallery: every saved image is shown, no deleted one is, nothing belongs to someone else, and
 * the current image is right. Records what the gallery settles about requests without an answer.
 * @param now in milliseconds; Infinity if no request can be running any more
 */
export function judgeGallery(account: Account, collection: CollectionName, shown: readonly Shown[], now: number): void {
  const ids = shown.map(({ imageId }) => imageId)
  if (new Set(ids).size < ids.length) account.find({ kind: 'wrong', what: `an image is shown twice: ${ids}` })
  if (ids.some((id, at) => at > 0 && id < (ids[at - 1] as string))) {
    account.find({ kind: 'wrong', what: `the gallery is not newest first: ${ids}` })
  }
  for (const one of shown) judgeShown(account, collection, one, now)
  for (const image of account.images.values()) {
    if (image.upload.collection === collection && !ids.includes(image.imageId)) judgeMissing(account, image)
  }
  judgeCurrent(
    account,
    collection,
    shown.filter(({ current }) => current).map(({ imageId }) => imageId),
    now,
  )
}

/** Checks the current image as every page shows it, which is read in another way. */
export function judgeHead(
  account: Account,
  collection: CollectionName,
  shown: { imageId: string } | null,
  now: number,
): void {
  judgeCurrent(account, collection, shown ? [shown.imageId] : [], now)
}

function judgeShown(account: Account, collection: CollectionName, shown: Shown, now: number): void {
  const { imageId } = shown
  const image = account.images.get(imageId)
  const wrong = (what: string) => account.find({ kind: 'wrong', what: `${imageId} ${what}` })
  if (!image || image.upload.collection !== collection) wrong('is shown, and was never saved by this person')
  // A tombstone hides an image, whatever a late request writes.
  else if (image.deletion === 'confirmed') wrong('was deleted, and is shown')
  else {
    image.isSaved = true
    if (now === Number.POSITIVE_INFINITY) image.deletion = 'none'
    judgeDetails(account, image, shown, now)
  }
}

function judgeDetails(account: Account, image: Image, shown: Shown, now: number): void {
  const { imageId, upload, cropId, keepsOriginal, alt } = image
  const wrong = (what: string) => account.find({ kind: 'wrong', what: `${imageId} ${what}` })
  if (shown.uploadId !== upload.uploadId) wrong(`is of upload ${upload.uploadId}, and is shown as of ${shown.uploadId}`)
  if (shown.cropId !== cropId) wrong(`was saved as ${cropId}, and is shown as ${shown.cropId}`)
  if (shown.original === null && keepsOriginal) account.find({ kind: 'lost', what: `${imageId} has no original` })
  if (shown.original !== null && !keepsOriginal) wrong('was saved without its original, and has one')
  if (alt.accepts(shown.alt)) alt.observe(shown.alt, now)
  else wrong(`is described as "${shown.alt}" instead of "${alt}"`)
}

function judgeMissing(account: Account, image: Image): void {
  // A deletion that is seen once is done for good.
  if (image.deletion === 'requested' && image.isSaved) image.deletion = 'confirmed'
  if (image.deletion === 'none' && image.isSaved) {
    account.find({ kind: 'lost', what: `${image.imageId} was saved, and is not in the gallery` })
  }
}

function judgeCurrent(account: Account, collection: CollectionName, marked: readonly string[], now: number): void {
  if (marked.length > 1) account.find({ kind: 'wrong', what: `two images are current: ${marked}` })
  const current = account.current[collection]
  const [seen = null] = marked
  if (current.accepts(seen)) current.observe(seen, now)
  else if (seen === null) account.find({ kind: 'lost', what: `no image is current instead of ${current}` })
  else account.find({ kind: 'wrong', what: `${seen} is current instead of ${current}` })
}

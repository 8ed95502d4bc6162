import type { SavedImage } from '@/lib/images/schema'
import type { Account, Image } from './ledger'
import type { CollectionName } from './pictures'

/** The checked properties of an image in the gallery. */
type Shown = Pick<SavedImage, 'imageId' | 'uploadId' | 'cropId' | 'alt' | 'current'> & { original: unknown }

/**
 * Checks a person's whole gallery: it shows every saved image, no deleted one and no image of other people, and the right
 * image is current. Records the outcomes that the gallery reveals of requests without a response.
 * @param now in milliseconds; Infinity if no request is running
 */
export function judgeGallery(account: Account, collection: CollectionName, shown: readonly Shown[], now: number): void {
  const ids = shown.map(({ imageId }) => imageId)
  if (new Set(ids).size < ids.length) account.addFinding('wrong', `the gallery shows an image twice: ${ids}`)
  if (ids.some((id, at) => at > 0 && id < (ids[at - 1] as string))) {
    account.addFinding('wrong', `the gallery is not newest first: ${ids}`)
  }
  for (const image of shown) judgeShown(account, collection, image, now)
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

/** Checks the current image of every page's header, which hosts read in another way than the gallery. */
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
  const wrong = (what: string) => account.addFinding('wrong', `${imageId} ${what}`)
  if (!image || image.upload.collection !== collection) wrong('is shown but was never saved by this person')
  // A tombstone hides an image, whatever a late request writes.
  else if (image.deletion === 'confirmed') wrong('was deleted but is shown')
  else {
    image.isSaved = true
    if (now === Number.POSITIVE_INFINITY) image.deletion = 'none'
    judgeDetails(account, image, shown, now)
  }
}

function judgeDetails(account: Account, image: Image, shown: Shown, now: number): void {
  const { imageId, upload, cropId, keepsOriginal, alt } = image
  const wrong = (what: string) => account.addFinding('wrong', `${imageId} ${what}`)
  if (shown.uploadId !== upload.uploadId)
    wrong(`belongs to upload ${upload.uploadId} but is shown as of ${shown.uploadId}`)
  if (shown.cropId !== cropId) wrong(`was saved as ${cropId} but is shown as ${shown.cropId}`)
  if (shown.original === null && keepsOriginal) account.addFinding('lost', `${imageId} has no original`)
  if (shown.original !== null && !keepsOriginal) wrong('was saved without its original but has one')
  if (alt.accepts(shown.alt)) alt.observe(shown.alt, now)
  else wrong(`has the description "${shown.alt}" instead of "${alt}"`)
}

function judgeMissing(account: Account, image: Image): void {
  // Once an image is gone, its deletion is final.
  if (image.deletion === 'requested' && image.isSaved) image.deletion = 'confirmed'
  if (image.deletion === 'none' && image.isSaved) {
    account.addFinding('lost', `${image.imageId} was saved but is not in the gallery`)
  }
}

function judgeCurrent(account: Account, collection: CollectionName, marked: readonly string[], now: number): void {
  if (marked.length > 1) account.addFinding('wrong', `two images are current: ${marked}`)
  const current = account.current[collection]
  const [seen = null] = marked
  if (current.accepts(seen)) current.observe(seen, now)
  else if (seen === null) account.addFinding('lost', `no image is current instead of ${current}`)
  else account.addFinding('wrong', `${seen} is current instead of ${current}`)
}

import 'server-only'
import { deleteObjects, listAllObjects } from '@/lib/s3/objects'
import type { Entry } from './entries'
import type { ImageRef } from './image-ref'
import { keys } from './keys'
import { filesOf } from './manifest'

/** A deleted image and its listed entries. */
export interface DeletedImage {
  image: ImageRef
  entries: Entry[]
}

/** Returns the keys of an image's saved variants, derived from its entries without a listing. */
export function mediaKeys({ image, entries }: DeletedImage): string[] {
  const { uid, imageId, collection } = image
  const isAnimated = entries.some((entry) => entry.isAnimated)
  return filesOf({ variants: collection.variants, isAnimated }).map((file) => keys.variant(uid, imageId, file))
}

/** Erases the originals, then the entries, of deleted images whose variants are erased already. */
export async function finishDeletions(deleted: DeletedImage[]): Promise<void> {
  // Each collection may have its own bucket.
  const byBucket = Map.groupBy(deleted, ({ image }) => image.bucket)
  await Promise.all(
    [...byBucket].map(async ([bucket, images]) => {
      const originals = images.map(({ image }) => keys.original(image.uid, image.imageId))
      const entries = images.flatMap((image) => image.entries.map(({ key }) => key))
      await deleteObjects(bucket, originals)
      await deleteObjects(bucket, entries)
    }),
  )
}

/** Lists and erases all objects of an image, including late writes: files first, entries last. */
export async function eraseByListing({ bucket, uid, imageId }: ImageRef): Promise<void> {
  const list = async (prefix: string) => (await listAllObjects(bucket, prefix)).map(({ key }) => key)
  const [media, originals, entries] = await Promise.all([
    list(keys.mediaOfImage(uid, imageId)),
    list(keys.original(uid, imageId)),
    list(keys.entriesOfImage(uid, imageId)),
  ])
  await deleteObjects(bucket, [...media, ...originals])
  await deleteObjects(bucket, entries)
}

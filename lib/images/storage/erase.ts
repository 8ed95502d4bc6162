import 'server-only'
import type { Bucket } from '@/lib/s3/client'
import { deleteObjects, listAllObjects } from '@/lib/s3/objects'
import type { Entry } from './entries'
import type { ImageRef } from './image-ref'
import { keys } from './keys'
import { filesOf } from './manifest'

/** A deleted image, and the entries of it that were listed. */
export interface DeletedImage {
  image: ImageRef
  entries: Entry[]
}

/** The keys of an image's saved variants. They follow from its entry: nothing has to be listed. */
export function mediaKeys({ image, entries }: DeletedImage): string[] {
  const { uid, imageId, collection } = image
  const isAnimated = entries.some((entry) => entry.isAnimated)
  return filesOf({ variants: collection.variants, isAnimated }).map((file) => keys.variant(uid, imageId, file))
}

/** Erases what is left of images whose variants are erased: originals first, entries last. */
export async function eraseRest(deleted: DeletedImage[]): Promise<void> {
  // Collections may have buckets of their own.
  await Promise.all([...Map.groupBy(deleted, ({ image }) => image.bucket)].map(eraseRestIn))
}

async function eraseRestIn([bucket, deleted]: [Bucket, DeletedImage[]]): Promise<void> {
  await deleteObjects(
    bucket,
    deleted.map(({ image }) => keys.original(image.uid, image.imageId)),
  )
  await deleteObjects(
    bucket,
    deleted.flatMap(({ entries }) => entries.map(({ key }) => key)),
  )
}

/** Erases everything of an image that exists, whatever wrote it, by listing: files first, entries last. */
export async function eraseByListing({ bucket, uid, imageId }: ImageRef): Promise<void> {
  const prefixes = [keys.mediaOfImage(uid, imageId), keys.original(uid, imageId), keys.entriesOfImage(uid, imageId)]
  const [media, originals, entries] = await Promise.all(
    prefixes.map(async (prefix) => (await listAllObjects(bucket, prefix)).map(({ key }) => key)),
  )
  await deleteObjects(bucket, [...(media ?? []), ...(originals ?? [])])
  await deleteObjects(bucket, entries ?? [])
}

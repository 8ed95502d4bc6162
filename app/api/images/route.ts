import { answer } from '@/app/api/answer'
import { operations } from '@/app/api/operations'
import { cleanUpAfterResponse } from '@/app/schedule-cleanup'
import { findCollection } from '@/lib/images/collections'
import { loadTrail } from '@/lib/images/current'
import { ok, refuse } from '@/lib/images/errors'
import { listGallery, toGalleryPage } from '@/lib/images/gallery'
import { saveImage } from '@/lib/images/save'

/** The gallery. */
export const GET = answer(operations.listImages, async (user, { query: { collection: name, cursor, limit } }) => {
  const collection = findCollection(name)
  if (!collection) {
    return refuse('invalid_request', { fields: [{ path: 'collection', message: 'there is no such collection' }] })
  }
  const trail = loadTrail(user, collection)
  const reading = listGallery(user, collection, trail, { cursor: cursor ?? null, limit })
  cleanUpAfterResponse(user, collection, trail, reading)
  const gallery = await reading
  return gallery.ok ? ok(toGalleryPage(gallery.value)) : gallery
})

/** Step 3. */
export const POST = answer(operations.saveImage, (user, { body }) => saveImage(user, body))

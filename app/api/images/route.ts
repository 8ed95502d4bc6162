import { cleanUpAfterResponse } from '@/app/_shell/schedule-cleanup'
import { defineRoute } from '@/app/api/define-route'
import { operations } from '@/app/api/operations'
import { findCollection } from '@/lib/images/collections'
import { loadTrail } from '@/lib/images/current'
import { listGallery } from '@/lib/images/gallery'
import { saveImage } from '@/lib/images/save'
import { ok, refuse } from '@/lib/result'

/** Returns a page of the gallery. */
export const GET = defineRoute(operations.listImages, async (user, { query: { collection: name, cursor, limit } }) => {
  const collection = findCollection(name)
  if (!collection) {
    return refuse('invalid_request', { fields: [{ path: 'collection', message: 'there is no such collection' }] })
  }
  const trail = loadTrail(user, collection)
  const reading = listGallery(user, collection, trail, { cursor: cursor ?? null, limit })
  cleanUpAfterResponse(user, collection, trail, reading)
  const gallery = await reading
  return gallery.ok ? ok(gallery.value.page) : gallery
})

/** Step 3: saves a crop as an image. */
export const POST = defineRoute(operations.saveImage, (user, { body }) => saveImage(user, body))

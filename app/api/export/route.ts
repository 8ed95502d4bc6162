import { defineRoute } from '@/app/api/define-route'
import { operations } from '@/app/api/operations'
import { findCollection } from '@/lib/images/collections'
import { exportImages } from '@/lib/images/export'
import { refuse } from '@/lib/result'

/** Returns a page of images with all their files and recipes. */
export const GET = defineRoute(operations.exportImages, async (user, { query: { collection: name, cursor } }) => {
  const collection = findCollection(name)
  if (collection) return exportImages(user, collection, cursor ?? null)
  return refuse('invalid_request', { fields: [{ path: 'collection', message: 'there is no such collection' }] })
})

import { defineRoute } from '@/app/api/define-route'
import { operations } from '@/app/api/operations'
import { findCollection } from '@/lib/images/collections'
import { loadTrail, setCurrentImage, showHistory } from '@/lib/images/current'
import { ok, refuse } from '@/lib/result'

/** Returns the current image and the history. */
export const GET = defineRoute(operations.readCurrent, async (user, { params }) => {
  const collection = findCollection(params.collection)
  return collection ? ok(await showHistory(user, collection, await loadTrail(user, collection))) : refuse('not_found')
})

/** Sets or clears the current image. */
export const PUT = defineRoute(operations.setCurrent, async (user, { params, body }) => {
  const collection = findCollection(params.collection)
  if (!collection) return refuse('not_found')
  const chosen = await setCurrentImage(user, collection, body.imageId)
  return chosen.ok ? ok(await showHistory(user, collection, chosen.value)) : chosen
})

import 'server-only'
import { cache } from 'react'
import type { Collection } from '@/lib/images/collections'
import { type Current, loadTrail, readCurrent } from '@/lib/images/current'
import type { User } from '@/lib/session/user'

/** A collection's trail, read once for the header and the page of one request. */
export const trailOf = cache((user: User, collection: Collection) => loadTrail(user, collection))

/** What is current in a collection, read once for one request. */
export const currentPicture = cache(async (user: User, collection: Collection): Promise<Current> => {
  return readCurrent(user, collection, await trailOf(user, collection))
})

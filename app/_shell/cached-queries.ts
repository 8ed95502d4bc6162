import 'server-only'
import { cache } from 'react'
import type { Collection } from '@/lib/images/collections'
import { type Current, loadTrail, showCurrent } from '@/lib/images/current'
import { withStoreDeadline } from '@/lib/images/store-deadline'
import type { User } from '@/lib/session/user'

/** Reads a collection's trail, once per request for header and page. */
export const trailOf = cache((user: User, collection: Collection) =>
  withStoreDeadline(() => loadTrail(user, collection)),
)

/** Returns what is current in a collection, read once per request. */
export const currentImage = cache(async (user: User, collection: Collection): Promise<Current> => {
  return showCurrent(user, collection, await trailOf(user, collection))
})

import 'server-only'
import { cache } from 'react'
import type { Collection } from '@/lib/images/collections'
import { type Current, loadTrail, showCurrent } from '@/lib/images/current'
import { withStoreDeadline } from '@/lib/images/store-deadline'
import type { User } from '@/lib/session/user'

/** A collection's trail, read once for the header and the page of one request. */
export const trailOf = cache((user: User, collection: Collection) =>
  withStoreDeadline(() => loadTrail(user, collection)),
)

/** What is current in a collection, read once for one request. */
export const currentImage = cache(async (user: User, collection: Collection): Promise<Current> => {
  return showCurrent(user, collection, await trailOf(user, collection))
})

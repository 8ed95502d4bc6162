import 'server-only'
import { after } from 'next/server'
import type { Collection } from '@/lib/images/collections'
import type { Gallery } from '@/lib/images/gallery'
import { cleanUp } from '@/lib/images/storage/cleanup'
import { type DeletedImage, finishDeletions } from '@/lib/images/storage/erase'
import type { Trail } from '@/lib/images/storage/trail'
import { withOwnStoreDeadline } from '@/lib/images/store-deadline'
import { log } from '@/lib/log'
import type { Result } from '@/lib/result'
import type { User } from '@/lib/session/user'

/** Cleans up after the response: leftovers of deletions and of killed saves. Not part of the request budget. */
export function cleanUpAfterResponse(
  user: User,
  collection: Collection,
  trail: Promise<Trail>,
  gallery: Promise<Result<Gallery>>,
): void {
  afterResponse('cleanup', async () => {
    const result = await gallery
    if (result.ok) await cleanUp(user, collection, await trail, result.value.deleted)
  })
}

/** Erases the remaining objects of deleted images after the response. */
export function eraseAfterResponse(deleted: DeletedImage[]): void {
  if (deleted.length > 0) afterResponse('erase deleted images', () => finishDeletions(deleted))
}

/** Runs work after the response. A failure is logged only; the next gallery response retries it. */
function afterResponse(name: string, work: () => Promise<void>): void {
  after(async () => {
    try {
      // Next runs this in the request's context, whose own deadline may have passed.
      await withOwnStoreDeadline(work)
    } catch (error) {
      log().error({ err: error }, `${name} failed`)
    }
  })
}

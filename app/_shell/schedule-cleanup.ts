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

/** Erases, after the response, what deletions and killed saves left. Outside of the response's request budget. */
export function cleanUpAfterResponse(
  user: User,
  collection: Collection,
  trail: Promise<Trail>,
  gallery: Promise<Result<Gallery>>,
): void {
  afterResponse('cleanup', async () => {
    const read = await gallery
    if (read.ok) await cleanUp(user, collection, await trail, read.value.deleted)
  })
}

/** Erases, after the response, what is left of deleted images. */
export function eraseAfterResponse(deleted: DeletedImage[]): void {
  if (deleted.length > 0) afterResponse('erase deleted images', () => finishDeletions(deleted))
}

/** Work that a failure must not take from anyone: it is logged, and the next gallery response tries again. */
function afterResponse(name: string, work: () => Promise<void>): void {
  after(async () => {
    try {
      // Next runs it in the context of the step, whose deadline may have passed.
      await withOwnStoreDeadline(work)
    } catch (error) {
      log().error({ err: error }, `${name} failed`)
    }
  })
}

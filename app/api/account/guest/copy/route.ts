import { defineRoute } from '@/app/api/define-route'
import { operations } from '@/app/api/operations'
import { copyImages } from '@/lib/images/copy-images'
import { refuse } from '@/lib/result'
import { earlierGuest } from '@/lib/session/guest'

/** Copies images of the browser's earlier guest to the person. */
export const POST = defineRoute(operations.copyGuestImages, async (user, { body: { cursor } }) => {
  const guest = await earlierGuest()
  return guest ? copyImages(guest, user, cursor) : refuse('not_found')
})

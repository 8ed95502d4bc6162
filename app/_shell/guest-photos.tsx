import 'server-only'
import { runStep } from '@/app/_shell/run-step'
import { GuestPhotosOffer } from '@/components/account/guest-photos'
import { countImages } from '@/lib/images/storage/quota'
import { ok } from '@/lib/result'
import { earlierGuest } from '@/lib/session/guest'

/**
 * Offers to bring along what the person saved in this browser as a guest. Costs no request in browsers that were none.
 * Never fails a page.
 */
export async function GuestPhotos() {
  const guest = await earlierGuest()
  if (!guest) return null
  const saved = await runStep('countGuestImages', async () => ok(await countImages(guest)))
  return saved.ok && saved.value > 0 ? <GuestPhotosOffer count={saved.value} /> : null
}

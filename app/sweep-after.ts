import 'server-only'
import { after } from 'next/server'
import type { Collection } from '@/lib/images/collections'
import { sweepLeftovers } from '@/lib/images/sweep'
import type { Trail } from '@/lib/images/trail'
import { log } from '@/lib/log'
import type { User } from '@/lib/session/user'

/**
 * Has what killed steps of this person left finished or cleared, after the answer, and outside of its request budget
 * (contract, rule 6). For whatever opens the gallery.
 */
export function sweepAfter(user: User, collection: Collection, trail: Promise<Trail>): void {
  after(async () => {
    try {
      await sweepLeftovers(user, collection, await trail)
    } catch (error) {
      log().error({ err: error }, 'sweeping leftovers failed')
    }
  })
}

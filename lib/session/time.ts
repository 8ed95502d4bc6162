import 'server-only'
import { defaultCollection } from '@/lib/images/collections'
import { bucketOf } from '@/lib/images/storage/buckets'

const clock = () => bucketOf(defaultCollection).clock

/** Returns the store's time in seconds since 1970, so that hosts with wrong clocks agree on when a session ends. */
export function storeSeconds(): number {
  return Math.floor(clock().now() / 1000)
}

/** Returns the store's time minus this host's, in whole seconds. */
export function clockSkewSeconds(): number {
  return Math.round(clock().offsetMs / 1000)
}

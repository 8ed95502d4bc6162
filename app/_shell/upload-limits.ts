import 'server-only'
import { env } from '@/lib/env'
import type { Collection } from '@/lib/images/collections'
import { uploadLimit } from '@/lib/images/upload'

/** Returns the upload limits of a collection on this site, in bytes and pixels. */
export function uploadLimits(collection: Collection) {
  return { maxBytes: uploadLimit(collection), maxPixels: env().maxPixels }
}

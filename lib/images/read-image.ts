import 'server-only'
import { ok, type Result, refuse } from '@/lib/result'
import type { SavedImage } from './schema'
import { readEntries } from './storage/entries'
import { resolveImage } from './storage/image-ref'
import type { Owner } from './storage/owner'
import { currentOf, isDeleted, readTrail } from './storage/trail'
import { showSaved } from './storage/urls'

/**
 * Reads one saved image.
 * Errors: `not_found`.
 */
export async function readImage(owner: Owner, imageId: string): Promise<Result<SavedImage>> {
  const image = resolveImage(owner, imageId)
  if (!image) return refuse('not_found')
  const [[entry], trail] = await Promise.all([readEntries(image), readTrail(image)])
  if (!entry || isDeleted(trail, imageId)) return refuse('not_found')
  return ok(await showSaved(image, entry, currentOf(trail)?.imageId === imageId))
}

import 'server-only'
import { showSaved } from './delivery'
import { readEntries } from './entries'
import { ok, type Result, refuse } from './errors'
import { resolveImage } from './image-ref'
import type { Owner } from './owner'
import type { SavedImage } from './schema'
import { currentOf, isDeleted, readTrail } from './trail'

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

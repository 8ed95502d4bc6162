import 'server-only'
import { presignGet } from '@/lib/s3/presign'
import { addressImage } from './addressed'
import { showDraft } from './delivery'
import { headUpload, readDraft } from './draft'
import { readEntries } from './entries'
import { ok, type Result, refuse } from './errors'
import { keys } from './keys'
import { readManifest, readRecipe } from './manifest'
import type { Owner } from './owner'
import type { CropAnswer, Recipe } from './schema'
import { asStep } from './step'

/** What the crop page shows. */
export interface OpenedUpload {
  collection: string
  /** The upload straight from the store, and its ETag, which the crop then insists on. */
  source: { url: string; etag: string }
  /** Where the crop was left, or null for a fresh upload. */
  recipe: Recipe | null
  /** The crop asked for by `cropId`, if it is there. */
  drawn: CropAnswer | null
}

/**
 * Opens an upload for cropping: the same from any host, any number of times (U15).
 * @param cropId a crop that was applied before
 * Refusals: `not_found`, `not_uploaded`, `already_saved`.
 */
export const openUpload = asStep(
  async (owner: Owner, imageId: string, cropId: string | null): Promise<Result<OpenedUpload>> => {
    const image = addressImage(owner, imageId)
    if (!image) return refuse('not_found')
    const [draft, entries] = await Promise.all([readDraft(image), readEntries(image)])
    if (draft.isDeleted) return refuse('not_found')
    if (entries.length > 0) return refuse('already_saved')

    const upload = draft.workingCopy ?? (await headUpload(image))
    if (!upload) return refuse('not_uploaded')
    const key = draft.workingCopy?.key ?? keys.upload(image.uid, imageId)
    const applied = cropId ? await readManifest(image, cropId) : null
    const latest = draft.cropIds[0]
    const left = applied ?? (latest ? await readManifest(image, latest) : null)
    const recipe =
      left?.manifest.recipe ?? (draft.hasRecipe ? await readRecipe(image, keys.draftRecipe(image.uid, imageId)) : null)
    return ok({
      collection: image.collection.name,
      source: { url: await presignGet(image.bucket, key), etag: upload.etag },
      recipe,
      drawn: applied && (await showDraft(image, applied.manifest)),
    })
  },
)

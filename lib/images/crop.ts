import 'server-only'
import { closeWithDrain } from '@/lib/drain'
import { env } from '@/lib/env'
import { createGate, type Gate, GateFull, type Reserve } from '@/lib/gate'
import { getObject, putObject } from '@/lib/s3/objects'
import { type Addressed, addressImage } from './addressed'
import { showDraft } from './delivery'
import { ensureWorkingCopy, readDraft } from './draft'
import { ok, type Result, refuse } from './errors'
import { hasAspect } from './geometry'
import { keys, posterOf } from './keys'
import { cropIdOf, isSavable, type Manifest, readManifest } from './manifest'
import type { Owner } from './owner'
import { renderingMemory } from './rendering-memory'
import type { CropAnswer, CropRequest, Recipe } from './schema'
import { readHeader } from './transform/header'
import { renderVariants } from './transform/render'
import { uploadLimit } from './upload'

let sharedGate: Gate | undefined

const gate = () => {
  const { cropConcurrency, cropQueue, cropMemoryBytes } = env()
  sharedGate ??= closeWithDrain(
    createGate({ concurrency: cropConcurrency, queue: cropQueue, memoryBytes: cropMemoryBytes }),
  )
  return sharedGate
}

/**
 * Step 2: downloads the upload, crops it, and uploads all variants as a draft, the manifest last.
 * Any host may do it, any number of times: the same crop has the same id and is made once.
 * Refusals: `not_found`, `not_uploaded`, `changed`, `too_large`, `unsupported_type`, `unreadable_image`,
 * `too_many_pixels`, `invalid_request` (area), `busy`.
 * @param signal given when nobody waits for the answer any more: the crop then ends as soon as it can
 * @throws the signal's reason, or AbortError, once it is given
 */
export async function cropUpload(
  owner: Owner,
  request: CropRequest,
  signal?: AbortSignal,
): Promise<Result<CropAnswer>> {
  const image = addressImage(owner, request.imageId)
  if (!image) return refuse('not_found')
  if (!hasAspect(request.area, image.collection.aspect)) {
    return refuse('invalid_request', {
      fields: [{ path: 'area', message: `aspect is not ${image.collection.aspect}` }],
    })
  }
  const draft = await readDraft(image)
  if (draft.isDeleted) return refuse('not_found')
  const copy = await ensureWorkingCopy(image, draft, request.etag, uploadLimit(image.collection))
  if (!copy.ok) return copy

  const { area, rotate, flip } = request
  const recipe: Recipe = { area, rotate, flip }
  const cropId = cropIdOf(copy.value.etag, recipe)
  const made = draft.cropIds.includes(cropId) ? await readManifest(image, cropId) : null
  // One that is too old to be saved is made anew, or the person could never save it.
  if (made && isSavable(made.writtenAt, image.bucket.clock.now())) return ok(await showDraft(image, made.manifest))
  try {
    // The download is inside the gate too: what waits holds no picture in memory.
    const manifest = await gate().run(
      (reserve) => renderDraft(image, copy.value, recipe, cropId, reserve, signal),
      signal,
    )
    return manifest.ok ? ok(await showDraft(image, manifest.value)) : manifest
  } catch (error) {
    if (error instanceof GateFull) return refuse('busy', { retryAfterSeconds: error.retryAfterSeconds })
    throw error
  }
}

async function renderDraft(
  image: Addressed,
  copy: { key: string; etag: string },
  recipe: Recipe,
  cropId: string,
  reserve: Reserve,
  signal: AbortSignal | undefined,
): Promise<Result<Manifest>> {
  const { uid, imageId, bucket, collection } = image
  const upload = await getObject(bucket, copy.key, uploadLimit(collection), { signal })
  if (!upload) return refuse('draft_gone')
  const header = await readHeader(upload.bytes, env().maxPixels, collection.variants[0])
  if (!header.ok) return header
  await reserve(renderingMemory(header.value))
  signal?.throwIfAborted()
  const rendered = await renderVariants(upload.bytes, header.value, recipe, collection.variants)
  if (!rendered.ok) return rendered

  signal?.throwIfAborted()
  const files = rendered.value.flatMap(({ name, bytes, poster }) => [
    { name, bytes },
    ...(poster ? [{ name: posterOf(name), bytes: poster }] : []),
  ])
  const writes = files.map(({ name, bytes }) =>
    putObject(bucket, keys.draftVariant(uid, imageId, cropId, name), bytes, variantHeaders),
  )
  await Promise.all(writes)
  signal?.throwIfAborted()
  const manifest: Manifest = {
    imageId,
    cropId,
    recipe,
    source: { ...header.value.upright, etag: copy.etag, format: header.value.format },
    isAnimated: header.value.animation !== null,
    variants: rendered.value.map(({ name, width, height, bytes }) => ({ name, width, height, bytes: bytes.length })),
  }
  // Last: a crop without a manifest does not exist, so whoever dies before this line has done nothing.
  await putObject(bucket, keys.manifest(uid, imageId, cropId), JSON.stringify(manifest), {
    contentType: 'application/json',
  })
  return ok(manifest)
}

/** A variant never changes at its key; the copy to `media/` keeps these headers. */
const variantHeaders = { contentType: 'image/webp', cacheControl: 'public, max-age=31536000, immutable' }

import 'server-only'
import { env } from '@/lib/env'
import { LimiterFull, type ReserveMemory } from '@/lib/limiter'
import { log } from '@/lib/log'
import { ok, type Result, refuse } from '@/lib/result'
import { bareEtag } from '@/lib/s3/etag'
import { getObject, getObjectIfMatch, ObjectTooLarge, putObject } from '@/lib/s3/objects'
import { cropLimiter } from './crop-limiter'
import { type Header, readHeader } from './engine/header'
import { renderVariants } from './engine/render'
import { renderingMemory } from './engine/rendering-memory'
import { hasAspect } from './geometry'
import type { CropAnswer, CropRequest, Recipe } from './schema'
import { type Draft, eraseOldCrops, isComplete, isCroppable, putWorkingCopy, readDraft } from './storage/draft'
import { type Owner, resolveUpload, type UploadRef } from './storage/image-ref'
import { keys, posterOf } from './storage/keys'
import { cropIdOf, type Manifest, putManifest, readManifest } from './storage/manifest'
import { showDraft } from './storage/urls'
import { uploadLimit } from './upload'
import { reachStage } from './upload-stages'

/**
 * Step 2: reads the upload, renders the crop, and stores all variants and their manifest as a draft.
 * Idempotent: the same crop has the same id on every host, and a crop that already exists is not rendered again.
 * Errors: `not_found`, `not_uploaded`, `changed`, `draft_gone`, `too_large`, `unsupported_type`, `unreadable_image`,
 * `too_many_pixels`, `invalid_request` (area, shown), `busy`.
 * @param signal aborted when the client disconnects; the crop then stops as soon as it can
 * @throws the signal's reason, or AbortError, after an abort
 */
export async function cropUpload(
  owner: Owner,
  received: CropRequest,
  signal?: AbortSignal,
): Promise<Result<CropAnswer>> {
  // A client may send the ETag as the store or a proxy sent it: quoted, or weak.
  const request = { ...received, etag: received.etag && bareEtag(received.etag) }
  const upload = resolveUpload(owner, request.uploadId)
  if (!upload) return refuse('not_found')
  const { aspect } = upload.collection
  if (!hasAspect(request.area, aspect)) {
    return refuse('invalid_request', { fields: [{ path: 'area', message: `aspect is not ${aspect}` }] })
  }
  if (!isCroppable(upload)) return refuse('draft_gone')

  const draft = readDraft(upload)
  // An existing crop needs no slot of the limiter, so finding one ends the wait for a slot.
  const isFound = new AbortController()
  const finding = findCrop(upload, request, draft).then((manifest) => {
    if (manifest) isFound.abort()
    return manifest
  })
  const stop = AbortSignal.any([isFound.signal, ...(signal ? [signal] : [])])
  // The slot covers the download too, so a waiting crop holds no image in memory.
  const [existing, rendered] = await Promise.allSettled([
    finding,
    cropLimiter().run(
      upload.uid,
      (reserveMemory, signal) => renderDraft(upload, request, draft, reserveMemory, signal),
      stop,
    ),
  ])
  if (existing.status === 'rejected') throw existing.reason
  if (existing.value) return ok(await showDraft(upload, existing.value))
  if (rendered.status === 'fulfilled') {
    return rendered.value.ok ? ok(await showDraft(upload, rendered.value.value)) : rendered.value
  }
  if (rendered.reason instanceof LimiterFull) {
    return refuse('busy', { retryAfterSeconds: rendered.reason.retryAfterSeconds })
  }
  throw rendered.reason
}

/** Returns the manifest of the requested crop if the crop already exists. Without a working copy, no crop exists. */
async function findCrop(upload: UploadRef, request: CropRequest, listing: Promise<Draft>): Promise<Manifest | null> {
  const draft = await listing
  const etag = workingCopyOf(draft, request)
  if (!etag) return null
  const cropId = cropIdOf(etag, recipeOf(request), request.shown)
  if (!draft.crops.has(cropId)) return null
  const manifest = await readManifest(upload, cropId)
  return manifest && isComplete(upload, draft, manifest) ? manifest : null
}

/** Returns the ETag of the working copy to crop: the requested ETag, or the first. Undefined if there is none. */
function workingCopyOf({ workingCopies }: Draft, { etag }: CropRequest): string | undefined {
  return workingCopies.find((copy) => etag === undefined || copy === etag)
}

const recipeOf = ({ area, rotate, flip }: CropRequest): Recipe => ({ area, rotate, flip })

async function renderDraft(
  upload: UploadRef,
  request: CropRequest,
  listing: Promise<Draft>,
  reserveMemory: ReserveMemory,
  signal: AbortSignal,
): Promise<Result<Manifest>> {
  const source = await readSource(upload, request, listing, signal)
  if (!source.ok) return source
  const [largest] = upload.collection.variants
  const header = await readHeader(source.value.bytes, env().maxPixels, largest, request.shown)
  if (!header.ok) return header
  const memoryBytes = renderingMemory(header.value, request, upload.collection.variants)
  // It would never fit, on any host.
  if (memoryBytes > env().cropMemoryBytes) return refuse('too_many_pixels')
  const { etag, isCopied } = source.value
  const erasing = eraseOldCrops(upload, await listing, cropIdOf(etag, recipeOf(request), request.shown))
  // The store copies the upload while this host renders it.
  const [rendered, copied] = await Promise.allSettled([
    reserveMemory(memoryBytes).then(() => renderFiles(upload, request, source.value, header.value, signal)),
    isCopied || putWorkingCopy(upload, etag),
    erasing.catch((error) => log().error({ err: error }, 'cannot erase old crops; the next crop tries again')),
  ])
  if (rendered.status === 'rejected') throw rendered.reason
  if (copied.status === 'rejected') throw copied.reason
  if (!copied.value) return refuse('changed')
  if (!rendered.value.ok) return rendered.value
  signal.throwIfAborted()
  // Writes the manifest last, once the working copy is known to have the rendered bytes. A host that dies before it
  // erases a wrong copy therefore leaves no crop.
  await putManifest(upload, rendered.value.value)
  if (!isCopied) reachStage('cropped', upload.collection)
  return rendered.value
}

/** The bytes to crop. */
interface Source {
  bytes: Uint8Array
  etag: string
  /** Whether the working copy already exists. */
  isCopied: boolean
}

/**
 * Reads the upload while the draft is listed. If the upload has expired or has other bytes than the working copy, reads
 * the working copy instead.
 */
async function readSource(
  upload: UploadRef,
  request: CropRequest,
  listing: Promise<Draft>,
  signal: AbortSignal,
): Promise<Result<Source>> {
  const { uid, uploadId, bucket, collection } = upload
  const maxBytes = uploadLimit(collection)
  const key = keys.upload(uid, uploadId)
  try {
    const [draft, uploaded] = await Promise.all([
      listing,
      request.etag === undefined
        ? getObject(bucket, key, maxBytes, { signal })
        : getObjectIfMatch(bucket, key, request.etag, maxBytes, { signal }),
    ])
    if (draft.workingCopies.length === 0) {
      if (uploaded === 'changed') return refuse('changed')
      return uploaded ? ok({ bytes: uploaded.bytes, etag: uploaded.etag, isCopied: false }) : refuse('not_uploaded')
    }
    const etag = workingCopyOf(draft, request)
    if (!etag) return refuse('changed')
    if (uploaded && uploaded !== 'changed' && uploaded.etag === etag) {
      return ok({ bytes: uploaded.bytes, etag, isCopied: true })
    }
    const copy = await getObject(bucket, keys.workingCopy(uid, uploadId, etag), maxBytes, { signal })
    return copy ? ok({ bytes: copy.bytes, etag, isCopied: true }) : refuse('not_uploaded')
  } catch (error) {
    if (error instanceof ObjectTooLarge) return refuse('too_large')
    throw error
  }
}

/** Renders all variants and writes their files side by side. @returns the manifest, which is not written yet */
async function renderFiles(
  { uid, uploadId, bucket, collection }: UploadRef,
  request: CropRequest,
  { bytes, etag }: Source,
  header: Header,
  signal: AbortSignal,
): Promise<Result<Manifest>> {
  signal.throwIfAborted()
  const recipe = recipeOf(request)
  const rendered = await renderVariants(bytes, header, recipe, collection.variants, { signal })
  if (!rendered.ok) return rendered
  signal.throwIfAborted()
  const cropId = cropIdOf(etag, recipe, request.shown)
  const put = (name: string, file: Uint8Array) =>
    putObject(bucket, keys.draftVariant(uid, uploadId, cropId, name), file, variantHeaders)
  await Promise.all(
    rendered.value.flatMap(({ name, bytes, poster }) =>
      poster ? [put(name, bytes), put(posterOf(name), poster)] : [put(name, bytes)],
    ),
  )
  const source = { ...header.upright, etag, format: header.format }
  const variants = rendered.value.map(({ name, width, height, bytes }) => ({
    name,
    width,
    height,
    bytes: bytes.length,
  }))
  return ok({ uploadId, cropId, recipe, source, isAnimated: header.animation !== null, variants })
}

/**
 * A variant never changes at its key. The copy in `media/` keeps these headers, which public URLs need; presigned URLs
 * override them.
 */
const variantHeaders = { contentType: 'image/webp', cacheControl: 'public, max-age=31536000, immutable' }

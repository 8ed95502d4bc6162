import 'server-only'
import { env } from '@/lib/env'
import { LimiterFull, type ReserveMemory } from '@/lib/limiter'
import { ok, type Result, refuse } from '@/lib/result'
import { getObject, getObjectIfMatch, ObjectTooLarge, putObject } from '@/lib/s3/objects'
import { cropLimiter } from './crop-limiter'
import { readHeader } from './engine/header'
import { renderVariants } from './engine/render'
import { renderingMemory } from './engine/rendering-memory'
import { hasAspect } from './geometry'
import type { CropAnswer, CropRequest, Recipe } from './schema'
import { type Draft, isComplete, isOpen, putWorkingCopy, readDraft } from './storage/draft'
import { resolveUpload, type UploadRef } from './storage/image-ref'
import { keys, posterOf } from './storage/keys'
import { cropIdOf, type Manifest, putManifest, readManifest } from './storage/manifest'
import type { Owner } from './storage/owner'
import { showDraft } from './storage/urls'
import { uploadLimit } from './upload'

/**
 * Step 2: downloads the upload, crops it, and uploads all variants and their manifest as a draft.
 * Any host may do it, any number of times: the same crop has the same id and is made once.
 * Errors: `not_found`, `not_uploaded`, `changed`, `draft_gone`, `too_large`, `unsupported_type`, `unreadable_image`,
 * `too_many_pixels`, `invalid_request` (area), `busy`.
 * @param signal aborted when the client has gone away: the crop then ends as soon as it can
 * @throws the signal's reason, or AbortError, once it is aborted
 */
export async function cropUpload(
  owner: Owner,
  request: CropRequest,
  signal?: AbortSignal,
): Promise<Result<CropAnswer>> {
  const upload = resolveUpload(owner, request.uploadId)
  if (!upload) return refuse('not_found')
  if (!hasAspect(request.area, upload.collection.aspect)) {
    return refuse('invalid_request', {
      fields: [{ path: 'area', message: `aspect is not ${upload.collection.aspect}` }],
    })
  }
  if (!isOpen(upload)) return refuse('draft_gone')

  const draft = readDraft(upload)
  // A crop that already exists needs no slot: it stops waiting for one.
  const isMade = new AbortController()
  const made = findCrop(upload, draft, request).then((manifest) => {
    if (manifest) isMade.abort()
    return manifest
  })
  const stop = AbortSignal.any([isMade.signal, ...(signal ? [signal] : [])])
  // The download needs the slot too, so that a waiting crop holds no image in memory.
  const [existing, drawn] = await Promise.allSettled([
    made,
    cropLimiter().run((reserveMemory) => renderDraft(upload, request, draft, reserveMemory, stop), stop),
  ])
  if (existing.status === 'rejected') throw existing.reason
  if (existing.value) return ok(await showDraft(upload, existing.value))
  if (drawn.status === 'fulfilled') return drawn.value.ok ? ok(await showDraft(upload, drawn.value.value)) : drawn.value
  if (drawn.reason instanceof LimiterFull) {
    return refuse('busy', { retryAfterSeconds: drawn.reason.retryAfterSeconds })
  }
  throw drawn.reason
}

/** The manifest of the crop that is asked for, if it was made before. Without a working copy none was. */
async function findCrop(upload: UploadRef, reading: Promise<Draft>, request: CropRequest): Promise<Manifest | null> {
  const draft = await reading
  const etag = pinnedEtag(draft, request)
  if (!etag) return null
  const cropId = cropIdOf(etag, recipeOf(request))
  if (!draft.crops.has(cropId)) return null
  const manifest = await readManifest(upload, cropId)
  return manifest && isComplete(draft, manifest) ? manifest : null
}

/** The working copy to crop: the one of the request's ETag, or the first. Undefined: none, or not that one. */
function pinnedEtag({ workingCopies }: Draft, { etag }: CropRequest): string | undefined {
  return workingCopies.find((copy) => etag === undefined || copy === etag)
}

const recipeOf = ({ area, rotate, flip }: CropRequest): Recipe => ({ area, rotate, flip })

async function renderDraft(
  upload: UploadRef,
  request: CropRequest,
  draft: Promise<Draft>,
  reserveMemory: ReserveMemory,
  signal: AbortSignal,
): Promise<Result<Manifest>> {
  const source = await readSource(upload, request, draft, signal)
  if (!source.ok) return source
  const { bytes, etag, isCopied } = source.value
  const header = await readHeader(bytes, env().maxPixels, upload.collection.variants[0])
  if (!header.ok) return header
  // The store copies while the host draws.
  const copying = isCopied ? Promise.resolve(true) : putWorkingCopy(upload, etag)
  const [drawing, copied] = await Promise.allSettled([
    (async () => {
      await reserveMemory(renderingMemory(header.value))
      signal.throwIfAborted()
      const rendered = await renderVariants(bytes, header.value, recipeOf(request), upload.collection.variants)
      if (!rendered.ok) return rendered
      signal.throwIfAborted()
      const manifest: Manifest = {
        uploadId: upload.uploadId,
        cropId: cropIdOf(etag, recipeOf(request)),
        recipe: recipeOf(request),
        source: { ...header.value.upright, etag, format: header.value.format },
        isAnimated: header.value.animation !== null,
        variants: rendered.value.map(({ name, width, height, bytes }) => ({
          name,
          width,
          height,
          bytes: bytes.length,
        })),
      }
      await putFiles(upload, rendered.value, manifest)
      return ok(manifest)
    })(),
    copying,
  ])
  if (drawing.status === 'rejected') throw drawing.reason
  if (copied.status === 'rejected') throw copied.reason
  if (!copied.value) return refuse('changed')
  if (!drawing.value.ok) return drawing.value
  signal.throwIfAborted()
  // Only now, when the copy is known to have these bytes: a host that dies before it erases a wrong copy leaves no crop.
  await putManifest(upload, drawing.value.value)
  return drawing.value
}

/** The bytes to crop, and the ETag that they have. */
interface Source {
  bytes: Uint8Array
  etag: string
  /** Whether the working copy exists. */
  isCopied: boolean
}

/**
 * Reads the upload while the draft is listed. Only if the draft has a working copy of other bytes, or the upload has
 * expired, is the working copy read instead.
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
    const [draft, sent] = await Promise.all([
      listing,
      request.etag === undefined
        ? getObject(bucket, key, maxBytes, { signal })
        : getObjectIfMatch(bucket, key, request.etag, maxBytes, { signal }),
    ])
    if (draft.workingCopies.length === 0) {
      if (sent === 'changed') return refuse('changed')
      return sent ? ok({ bytes: sent.bytes, etag: sent.etag, isCopied: false }) : refuse('not_uploaded')
    }
    const etag = pinnedEtag(draft, request)
    if (!etag) return refuse('changed')
    if (sent && sent !== 'changed' && sent.etag === etag) return ok({ bytes: sent.bytes, etag, isCopied: true })
    const copy = await getObject(bucket, keys.workingCopy(uid, uploadId, etag), maxBytes, { signal })
    return copy ? ok({ bytes: copy.bytes, etag, isCopied: true }) : refuse('not_uploaded')
  } catch (error) {
    if (error instanceof ObjectTooLarge) return refuse('too_large')
    throw error
  }
}

/** Writes the files of a crop side by side. It exists once its manifest does, too. */
async function putFiles(
  upload: UploadRef,
  rendered: { name: string; bytes: Uint8Array; poster?: Uint8Array | undefined | null }[],
  { cropId }: Manifest,
): Promise<void> {
  const { uid, uploadId, bucket } = upload
  const files = rendered.flatMap(({ name, bytes, poster }) => [
    { name, bytes },
    ...(poster ? [{ name: posterOf(name), bytes: poster }] : []),
  ])
  await Promise.all(
    files.map(({ name, bytes }) =>
      putObject(bucket, keys.draftVariant(uid, uploadId, cropId, name), bytes, variantHeaders),
    ),
  )
}

/** A variant never changes at its key; the copy to `media/` keeps these headers. */
const variantHeaders = { contentType: 'image/webp', cacheControl: 'public, max-age=31536000, immutable' }

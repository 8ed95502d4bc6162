import { z } from 'zod'
import { type FieldError, ok, type Result, refuse } from '@/lib/result'

/** Ids are lower-case base32hex (see ids.ts). The first letter is the collection's code. */
export const UploadId = z.string().regex(/^[a-z][0-9a-v]{26}$/, 'not an upload id')
export type UploadId = z.infer<typeof UploadId>

export const ImageId = z.string().regex(/^[a-z][0-9a-v]{42}$/, 'not an image id')
export type ImageId = z.infer<typeof ImageId>

export const CropId = z.string().regex(/^[0-9a-v]{32}$/, 'not a crop id')
export type CropId = z.infer<typeof CropId>

/** Place in the trail of what was current; null where nothing ever was. */
export const TrailId = z.string().regex(/^[0-9a-v]{20}$/, 'not a trail id')
export type TrailId = z.infer<typeof TrailId>

/** A rectangle in whole pixels of the canvas (see geometry.ts). */
export const Area = z.strictObject({
  x: z.int().min(0),
  y: z.int().min(0),
  width: z.int().min(1),
  height: z.int().min(1),
})
export type Area = z.infer<typeof Area>

export const Flip = z.strictObject({ horizontal: z.boolean().default(false), vertical: z.boolean().default(false) })
export type Flip = z.infer<typeof Flip>

/** How a picture is cut: upright, then flipped, then turned clockwise, then the area. */
export const Recipe = z.strictObject({
  area: Area,
  rotate: z.number().min(0).lt(360).default(0),
  flip: Flip.default({ horizontal: false, vertical: false }),
})
export type Recipe = z.infer<typeof Recipe>

export const StartUpload = z.strictObject({
  collection: z.string().max(40),
  contentType: z.string().max(100),
  /** Bytes. */
  size: z.int().min(0),
})
export type StartUpload = z.infer<typeof StartUpload>

export const CropRequest = z.strictObject({ uploadId: UploadId, ...Recipe.shape, etag: z.string().max(200).optional() })
export type CropRequest = z.infer<typeof CropRequest>

export const SaveRequest = z.strictObject({
  uploadId: UploadId,
  cropId: CropId,
  seen: TrailId.nullable().optional(),
  keepOriginal: z
    .boolean()
    .optional()
    .meta({ default: true })
    .describe('With false the upload is erased once the picture is saved, and the picture cannot be cropped again'),
})
export type SaveRequest = z.infer<typeof SaveRequest>

/** A description of the picture for those who cannot see it. It travels in an object's name, so it is short. */
export const AltText = z
  .string()
  .trim()
  .max(200)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this refuses
  .regex(/^[^\u0000-\u001f\u007f]*$/, 'one line, please')
export type AltText = z.infer<typeof AltText>

/** Where and how the browser sends the file: a form (POST policy) or a body (presigned PUT). */
export const UploadTicket = z.strictObject({
  uploadId: UploadId,
  method: z.enum(['POST', 'PUT']),
  url: z.url(),
  fields: z.record(z.string(), z.string()).optional().describe('POST: form fields to send before the file'),
  headers: z.record(z.string(), z.string()).optional().describe('PUT: headers to send with the body'),
  expiresAt: z.iso.datetime(),
  maxBytes: z.int(),
})
export type UploadTicket = z.infer<typeof UploadTicket>

/** One rendered size, ready to be shown. */
export const ShownVariant = z.strictObject({
  name: z.string(),
  width: z.int(),
  height: z.int(),
  url: z.url(),
  posterUrl: z.url().optional().describe('Of a picture that moves: its first frame, as a still'),
})
export type ShownVariant = z.infer<typeof ShownVariant>

/** A crop that was rendered and not yet saved. */
export const CropAnswer = z.strictObject({
  uploadId: UploadId,
  cropId: CropId,
  source: z.strictObject({ width: z.int(), height: z.int(), etag: z.string() }).describe('The upload, upright'),
  variants: z.array(z.strictObject({ ...ShownVariant.shape, bytes: z.int() })),
})
export type CropAnswer = z.infer<typeof CropAnswer>

/** A saved picture, as the gallery and the API show it. */
export const SavedImage = z.strictObject({
  imageId: ImageId,
  uploadId: UploadId,
  cropId: CropId,
  collection: z.string(),
  savedAt: z.iso.datetime().describe('When its upload was issued: the gallery is in this order'),
  alt: z.string(),
  current: z.boolean(),
  original: z
    .strictObject({ url: z.url() })
    .nullable()
    .describe('The upload as it was sent: for its owner, as a download. Null: it was not kept'),
  variants: z.array(z.strictObject({ ...ShownVariant.shape, downloadUrl: z.url() })),
})
export type SavedImage = z.infer<typeof SavedImage>

/** The most images that are deleted at once. */
export const mostDeletedAtOnce = 100

export const DeleteRequest = z.strictObject({ imageIds: z.array(ImageId).min(1).max(mostDeletedAtOnce) })
export type DeleteRequest = z.infer<typeof DeleteRequest>

export const DeleteAnswer = z.strictObject({
  deleted: z.array(ImageId).describe('Deletions that the store has acknowledged'),
  failed: z
    .array(z.strictObject({ imageId: ImageId, code: z.string() }))
    .describe('`not_found`: there was nothing to delete. Any other code: may be deleted; ask again'),
})
export type DeleteAnswer = z.infer<typeof DeleteAnswer>

export const GalleryPage = z.strictObject({ images: z.array(SavedImage), nextCursor: z.string().nullable() })
export type GalleryPage = z.infer<typeof GalleryPage>

/** A new upload of a kept original, and the recipe at which its crop was left. */
export const Recropped = z.strictObject({ uploadId: UploadId, recipe: Recipe })
export type Recropped = z.infer<typeof Recropped>

/** What is current in a collection, and what was. */
export const CurrentAnswer = z.strictObject({
  collection: z.string(),
  current: z.strictObject({ imageId: ImageId, variants: z.array(ShownVariant) }).nullable(),
  seen: TrailId.nullable().describe('The head of the trail, to be sent along with the next save'),
  history: z
    .array(z.strictObject({ id: TrailId, imageId: ImageId.nullable(), since: z.iso.datetime() }))
    .describe('Newest first, the head included, a hundred at most; imageId null: none was current'),
})
export type CurrentAnswer = z.infer<typeof CurrentAnswer>

/** Parses input at the edge: the value, or `invalid_request` with the fields that are wrong. */
export function parseInput<S extends z.ZodType>(schema: S, input: unknown): Result<z.output<S>> {
  const parsed = schema.safeParse(input)
  if (parsed.success) return ok(parsed.data)
  const fields: FieldError[] = parsed.error.issues.map((issue) => ({
    path: issue.path.join('.'),
    message: issue.message,
  }))
  return refuse('invalid_request', { fields })
}

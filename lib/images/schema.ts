import { z } from 'zod'
import { type FieldError, ok, type Result, refuse } from '@/lib/result'
import { maxDeletedAtOnce } from './limits'

/** Ids are lower-case base32hex (see ids.ts). The first letter is the collection's code. */
export const UploadId = z.string().regex(/^[a-z][0-9a-v]{26}$/, 'not an upload id')
export type UploadId = z.infer<typeof UploadId>

export const ImageId = z.string().regex(/^[a-z][0-9a-v]{42}$/, 'not an image id')
export type ImageId = z.infer<typeof ImageId>

export const CropId = z.string().regex(/^[0-9a-v]{32}$/, 'not a crop id')
export type CropId = z.infer<typeof CropId>

/** The id of a trail item. */
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

/** How an image is cropped: upright, then flipped, then rotated clockwise in degrees, then cut to the area. */
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

export const CropRequest = z.strictObject({
  uploadId: UploadId,
  ...Recipe.shape,
  /** Goes into a header of a store request: printable ASCII without quotes. */
  etag: z
    .string()
    .max(200)
    .regex(/^[!#-~]+$/)
    .optional(),
  shown: z
    .strictObject({ width: z.int().min(1).max(65_535), height: z.int().min(1).max(65_535) })
    .optional()
    .describe('The size at which the browser shows the upload. The area refers to it'),
})
export type CropRequest = z.infer<typeof CropRequest>

export const SaveRequest = z.strictObject({
  uploadId: UploadId,
  cropId: CropId,
  seen: TrailId.nullable().optional(),
  keepOriginal: z
    .boolean()
    .optional()
    .meta({ default: true })
    .describe('If false, saving erases the upload, and the image cannot be cropped again'),
})
export type SaveRequest = z.infer<typeof SaveRequest>

/** The alt text of an image, for people who cannot see it. It is short because an object's name contains it. */
export const AltText = z
  .string()
  .trim()
  .max(200)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern rejects control characters
  .regex(/^[^\u0000-\u001f\u007f]*$/, 'must be one line')
export type AltText = z.infer<typeof AltText>

/** How the browser sends the file: as a form (POST policy) or as a body (presigned PUT). */
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

/** One rendered size with its URL. */
export const ShownVariant = z.strictObject({
  name: z.string(),
  width: z.int(),
  height: z.int(),
  url: z.url(),
  posterUrl: z.url().optional().describe('The first frame of an animated image, as a still'),
})
export type ShownVariant = z.infer<typeof ShownVariant>

/** A rendered crop that is not saved yet. */
export const CropAnswer = z.strictObject({
  uploadId: UploadId,
  cropId: CropId,
  source: z.strictObject({ width: z.int(), height: z.int(), etag: z.string() }).describe('The upright upload'),
  variants: z.array(z.strictObject({ ...ShownVariant.shape, bytes: z.int() })),
})
export type CropAnswer = z.infer<typeof CropAnswer>

/** A saved image. */
export const SavedImage = z.strictObject({
  imageId: ImageId,
  uploadId: UploadId,
  cropId: CropId,
  collection: z.string(),
  savedAt: z.iso.datetime().describe('When the upload was issued. The gallery is sorted by it'),
  alt: z.string(),
  current: z.boolean(),
  original: z
    .strictObject({ url: z.url() })
    .nullable()
    .describe('Download of the unchanged upload, for its owner only. Null: not kept'),
  variants: z.array(z.strictObject({ ...ShownVariant.shape, downloadUrl: z.url() })),
})
export type SavedImage = z.infer<typeof SavedImage>

export const DeleteRequest = z.strictObject({ imageIds: z.array(ImageId).min(1).max(maxDeletedAtOnce) })
export type DeleteRequest = z.infer<typeof DeleteRequest>

export const DeleteAnswer = z.strictObject({
  deleted: z.array(ImageId).describe('Deletions that the store acknowledged'),
  failed: z
    .array(z.strictObject({ imageId: ImageId, code: z.string() }))
    .describe('`not_found`: there is no such image. Any other code: the image may be deleted; retry'),
})
export type DeleteAnswer = z.infer<typeof DeleteAnswer>

/** An image with everything that belongs to it. */
export const ExportedImage = z.strictObject({
  imageId: ImageId,
  collection: z.string(),
  savedAt: z.iso.datetime(),
  cropId: CropId,
  alt: z.string(),
  current: z.boolean(),
  recipe: Recipe.nullable().describe('How the image was cut from its original. Null: it was deleted meanwhile'),
  files: z
    .array(z.strictObject({ name: z.string(), url: z.url() }))
    .describe('The original, if it was kept, and all variants. Names are paths in the export'),
})
export type ExportedImage = z.infer<typeof ExportedImage>

export const ExportPage = z.strictObject({
  images: z.array(ExportedImage),
  nextCursor: z.string().nullable(),
  total: z.int().nullable().describe('Images in all collections. Null after the first page'),
})
export type ExportPage = z.infer<typeof ExportPage>

/** The result of one step of erasing everything. */
export const EraseAnswer = z.strictObject({
  done: z.boolean().describe('Nothing is left'),
  erased: z.int().describe('Objects that this step has erased, old versions included'),
})
export type EraseAnswer = z.infer<typeof EraseAnswer>

/** The result of one step of copying a guest's images. */
export const CopyAnswer = z.strictObject({
  copied: z.int().describe('Images of this step that the person has now'),
  missing: z.int().describe('Images of this step whose files are gone'),
  total: z.int().describe('Images of the guest'),
  nextCursor: ImageId.nullable().describe('Send it with the next request. Null: that was the last step'),
})
export type CopyAnswer = z.infer<typeof CopyAnswer>

export const GalleryPage = z.strictObject({ images: z.array(SavedImage), nextCursor: z.string().nullable() })
export type GalleryPage = z.infer<typeof GalleryPage>

/** A new upload of a kept original, and the recipe of its earlier crop. */
export const Recropped = z.strictObject({ uploadId: UploadId, recipe: Recipe })
export type Recropped = z.infer<typeof Recropped>

/** The current image of a collection, and its history. */
export const CurrentAnswer = z.strictObject({
  collection: z.string(),
  current: z.strictObject({ imageId: ImageId, variants: z.array(ShownVariant) }).nullable(),
  seen: TrailId.nullable().describe('The head of the trail. Send it with the next save'),
  history: z
    .array(z.strictObject({ id: TrailId, imageId: ImageId.nullable(), since: z.iso.datetime() }))
    .describe('Newest first, including the head; at most 100 items. imageId null: no image was current'),
})
export type CurrentAnswer = z.infer<typeof CurrentAnswer>

/** Parses input of a route or action. Refuses invalid input with `invalid_request` and the invalid fields. */
export function parseInput<S extends z.ZodType>(schema: S, input: unknown): Result<z.output<S>> {
  const parsed = schema.safeParse(input)
  if (parsed.success) return ok(parsed.data)
  const fields: FieldError[] = parsed.error.issues.map((issue) => ({
    path: issue.path.join('.'),
    message: issue.message,
  }))
  return refuse('invalid_request', { fields })
}

import 'server-only'
import { z } from 'zod'
import { defaultCollection } from '@/lib/images/collections'
import { pageSize } from '@/lib/images/gallery'
import {
  AltText,
  CropAnswer,
  CropRequest,
  CurrentAnswer,
  DeleteAnswer,
  DeleteRequest,
  GalleryPage,
  ImageId,
  Recropped,
  SavedImage,
  SaveRequest,
  StartUpload,
  UploadTicket,
} from '@/lib/images/schema'
import type { ErrorCode } from '@/lib/result'

/**
 * The HTTP API as a table. Routes parse by it and answer by it, and the OpenAPI document is made of it, so that what
 * is said is what is done.
 */
export interface Operation<
  C extends Access = Access,
  P extends z.ZodObject = z.ZodObject,
  Q extends z.ZodObject = z.ZodObject,
  B extends z.ZodObject = z.ZodObject,
  A extends z.ZodType = z.ZodType,
> {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** With `{name}` for each of `params`. */
  path: string
  summary: string
  access: C
  /** Parts of the path. A wrong one is `not_found`. */
  params: P
  query: Q
  /** JSON. Undefined: none is read. */
  body?: B
  status: 200 | 201 | 204
  /** What a 200 or 201 bears, as JSON. */
  answer?: A
  /** Beyond those that its access and its input bring with them. */
  refusals: readonly ErrorCode[]
}

/**
 * Who may ask. `public`: anyone. `visitor`: the site's own pages (Origin). `reader`: who is signed in. `writer`: who is
 * signed in, from the site's own pages.
 */
export type Access = 'public' | 'visitor' | 'reader' | 'writer'

const none = z.object({})
const image = z.strictObject({ imageId: ImageId })
const collection = z.strictObject({ collection: z.string() })

function operation<
  C extends Access,
  A extends z.ZodType,
  P extends z.ZodObject = typeof none,
  Q extends z.ZodObject = typeof none,
  B extends z.ZodObject = typeof none,
>(
  given: Omit<Operation<C, P, Q, B, A>, 'params' | 'query' | 'refusals'> & {
    params?: P
    query?: Q
    refusals?: readonly ErrorCode[]
  },
): Operation<C, P, Q, B, A> {
  return { params: none as z.ZodObject as P, query: none as z.ZodObject as Q, refusals: [], ...given }
}

export const SessionAnswer = z.strictObject({
  user: z.strictObject({ id: z.string(), name: z.string() }),
  authMode: z.enum(['guest']),
})

export const operations = {
  createGuest: operation({
    method: 'POST',
    path: '/api/session/guest',
    summary: 'Guest mode: signs in as a new guest, by a cookie.',
    access: 'visitor',
    status: 204,
  }),
  readSession: operation({
    method: 'GET',
    path: '/api/session',
    summary: 'Who am I.',
    access: 'reader',
    status: 200,
    answer: SessionAnswer,
  }),
  endSession: operation({
    method: 'DELETE',
    path: '/api/session',
    summary: 'Signs out.',
    access: 'visitor',
    status: 204,
  }),
  startUpload: operation({
    method: 'POST',
    path: '/api/uploads',
    summary: 'Step 1: issues an upload, which then goes straight to the store.',
    access: 'writer',
    body: StartUpload,
    status: 201,
    answer: UploadTicket,
    refusals: ['unsupported_type', 'too_large', 'quota'],
  }),
  crop: operation({
    method: 'POST',
    path: '/api/crop',
    summary: 'Step 2: downloads, crops, uploads again. With `etag`, only if the upload is still that one.',
    access: 'writer',
    body: CropRequest,
    status: 200,
    answer: CropAnswer,
    refusals: [
      'not_found',
      'not_uploaded',
      'changed',
      'draft_gone',
      'too_large',
      'unsupported_type',
      'unreadable_image',
      'too_many_pixels',
      'busy',
    ],
  }),
  saveImage: operation({
    method: 'POST',
    path: '/api/images',
    summary:
      'Step 3: saves a crop as an image and makes it current. Idempotent. With `seen`, current only if that is still the head.',
    access: 'writer',
    body: SaveRequest,
    status: 201,
    answer: SavedImage,
    refusals: ['not_found', 'deleted', 'draft_gone', 'no_original', 'quota'],
  }),
  listImages: operation({
    method: 'GET',
    path: '/api/images',
    summary: 'The gallery, newest first.',
    access: 'reader',
    query: z.object({
      collection: z.string().default(defaultCollection.name),
      cursor: z.string().max(2048).optional().describe('`nextCursor` of the page before'),
      limit: z.coerce.number().int().min(1).max(pageSize.max).default(pageSize.default),
    }),
    status: 200,
    answer: GalleryPage,
  }),
  readImage: operation({
    method: 'GET',
    path: '/api/images/{imageId}',
    summary: 'One saved picture.',
    access: 'reader',
    params: image,
    status: 200,
    answer: SavedImage,
  }),
  describeImage: operation({
    method: 'PATCH',
    path: '/api/images/{imageId}',
    summary: 'Describes a picture for those who cannot see it.',
    access: 'writer',
    params: image,
    body: z.strictObject({ alt: AltText }),
    status: 200,
    answer: SavedImage,
  }),
  deleteImage: operation({
    method: 'DELETE',
    path: '/api/images/{imageId}',
    summary: 'Deletes a picture with all that is kept of it. May be repeated.',
    access: 'writer',
    params: image,
    status: 204,
  }),
  deleteImages: operation({
    method: 'POST',
    path: '/api/images/delete',
    summary: 'Deletes many images. `deleted` is acknowledged; `failed` may be gone, and may be asked for again.',
    access: 'writer',
    body: DeleteRequest,
    status: 200,
    answer: DeleteAnswer,
  }),
  recropImage: operation({
    method: 'POST',
    path: '/api/images/{imageId}/recrop',
    summary: 'Crop again: a new upload from the kept original. The old image stays.',
    access: 'writer',
    params: image,
    status: 201,
    answer: Recropped,
    refusals: ['no_original', 'quota'],
  }),
  readCurrent: operation({
    method: 'GET',
    path: '/api/collections/{collection}/current',
    summary: 'What is current, and what was.',
    access: 'reader',
    params: collection,
    status: 200,
    answer: CurrentAnswer,
  }),
  setCurrent: operation({
    method: 'PUT',
    path: '/api/collections/{collection}/current',
    summary: 'Makes a saved picture current, or none.',
    access: 'writer',
    params: collection,
    body: z.strictObject({ imageId: ImageId.nullable() }),
    status: 200,
    answer: CurrentAnswer,
  }),
  readOpenapi: operation({
    method: 'GET',
    path: '/api/openapi.json',
    summary: 'This document.',
    access: 'public',
    status: 200,
    answer: z.record(z.string(), z.unknown()),
  }),
} as const

/** Alive and ready are for balancers: plain text, outside of `/api`. */
export const probes = {
  '/livez': { summary: 'Alive: this process answers. Asks nobody else.', statuses: { 200: 'alive' } },
  '/readyz': {
    summary: 'Ready: configured, not about to end, and the store answers (asked at most every few seconds).',
    statuses: { 200: 'ready', 503: 'not ready; the body is `draining` or `store`' },
  },
} as const

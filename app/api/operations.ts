import 'server-only'
import { z } from 'zod'
import { defaultCollection } from '@/lib/images/collections'
import { pageSize } from '@/lib/images/gallery'
import {
  AltText,
  CopyAnswer,
  CropAnswer,
  CropRequest,
  CurrentAnswer,
  DeleteAnswer,
  DeleteRequest,
  EraseAnswer,
  ExportPage,
  GalleryPage,
  ImageId,
  Recropped,
  SavedImage,
  SaveRequest,
  StartUpload,
  UploadTicket,
} from '@/lib/images/schema'
import type { ErrorCode } from '@/lib/result'

/** One operation of the HTTP API. Routes parse and respond by this table, and it generates the OpenAPI document. */
export interface Operation<
  C extends Access = Access,
  P extends z.ZodObject = z.ZodObject,
  Q extends z.ZodObject = z.ZodObject,
  B extends z.ZodObject = z.ZodObject,
  A extends z.ZodType = z.ZodType,
> {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Contains `{name}` for each of `params`. */
  path: string
  summary: string
  access: C
  /** Path parameters. An invalid one is `not_found`. */
  params: P
  query: Q
  /** The JSON body, or undefined if the operation reads none. */
  body?: B
  status: 200 | 201 | 204
  /** The JSON response of a 200 or 201. */
  answer?: A
  /** Error codes in addition to those of its access and input. */
  refusals: readonly ErrorCode[]
}

/**
 * Who may send the request. `public`: anyone. `visitor`: the site's own pages (by Origin). `reader`: signed-in people.
 * `writer`: signed-in people, from the site's own pages.
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
  definition: Omit<Operation<C, P, Q, B, A>, 'params' | 'query' | 'refusals'> & {
    params?: P
    query?: Q
    refusals?: readonly ErrorCode[]
  },
): Operation<C, P, Q, B, A> {
  return { params: none as z.ZodObject as P, query: none as z.ZodObject as Q, refusals: [], ...definition }
}

export const SessionAnswer = z.strictObject({
  user: z.strictObject({ id: z.string(), name: z.string() }),
  authMode: z.enum(['guest', 'oidc', 'proxy']),
})

export const operations = {
  createGuest: operation({
    method: 'POST',
    path: '/api/session/guest',
    summary:
      'Signs in as a new guest and sets the session cookie. Keeps an existing session. `not_found` in other modes.',
    access: 'visitor',
    status: 204,
    // The balancer answers the other one.
    refusals: ['not_found', 'too_many_guests'],
  }),
  readSession: operation({
    method: 'GET',
    path: '/api/session',
    summary: 'Returns the signed-in person.',
    access: 'reader',
    status: 200,
    answer: SessionAnswer,
  }),
  endSession: operation({
    method: 'DELETE',
    path: '/api/session',
    summary:
      'Signs out by clearing the session cookie. Then open `next`: it may sign out at the provider too. Without a provider it is `/`.',
    access: 'visitor',
    status: 200,
    answer: z.strictObject({ next: z.string() }),
  }),
  endAllSessions: operation({
    method: 'DELETE',
    path: '/api/sessions',
    summary: 'Signs out in all browsers, within 30 seconds. `not_found` for guests, who have one browser.',
    access: 'writer',
    status: 204,
    refusals: ['not_found'],
  }),
  exportImages: operation({
    method: 'GET',
    path: '/api/export',
    summary:
      'Returns a page of images with all their files and recipes. The URLs expire: load the files of a page at once.',
    access: 'reader',
    query: z.object({
      collection: z.string().default(defaultCollection.name),
      cursor: z.string().max(2048).optional().describe('`nextCursor` of the previous page'),
    }),
    status: 200,
    answer: ExportPage,
  }),
  eraseAccount: operation({
    method: 'POST',
    path: '/api/account/erase',
    summary:
      'Erases everything that the person has stored, in every collection: up to 1,000 objects. Repeat it until `done`, which ends all sessions. It cannot be undone.',
    access: 'writer',
    body: z.strictObject({ confirm: z.literal('erase everything') }),
    status: 200,
    answer: EraseAnswer,
  }),
  copyGuestImages: operation({
    method: 'POST',
    path: '/api/account/guest/copy',
    summary:
      "Copies the images of the browser's earlier guest to the person: up to 10 images. Repeat it with each `nextCursor` until that is null. Idempotent.",
    access: 'writer',
    body: z.strictObject({ cursor: ImageId.nullable() }),
    status: 200,
    answer: CopyAnswer,
    // `not_found`: the browser was no guest.
    refusals: ['not_found', 'quota'],
  }),
  eraseGuest: operation({
    method: 'POST',
    path: '/api/account/guest/erase',
    summary:
      "Erases everything of the browser's earlier guest: up to 1,000 objects. Repeat it until `done`. It cannot be undone.",
    access: 'writer',
    body: z.strictObject({ confirm: z.literal('erase everything') }),
    status: 200,
    answer: EraseAnswer,
    refusals: ['not_found'],
  }),
  startUpload: operation({
    method: 'POST',
    path: '/api/uploads',
    summary: 'Step 1: issues an upload. Send the file to `url` with all `fields`; it goes straight to the store.',
    access: 'writer',
    body: StartUpload,
    status: 201,
    answer: UploadTicket,
    refusals: ['unsupported_type', 'too_large', 'quota'],
  }),
  crop: operation({
    method: 'POST',
    path: '/api/crop',
    summary:
      'Step 2: crops an upload and stores its variants. Idempotent. With `etag`, fails if the upload has changed.',
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
      'Step 3: saves a crop as an image and makes it current. Idempotent. With `seen`, makes it current only if the current image has not changed since.',
    access: 'writer',
    body: SaveRequest,
    status: 201,
    answer: SavedImage,
    refusals: ['not_found', 'deleted', 'draft_gone', 'no_original', 'quota'],
  }),
  listImages: operation({
    method: 'GET',
    path: '/api/images',
    summary: 'Returns a page of saved images, newest first.',
    access: 'reader',
    query: z.object({
      collection: z.string().default(defaultCollection.name),
      cursor: z.string().max(2048).optional().describe('`nextCursor` of the previous page'),
      limit: z.coerce.number().int().min(1).max(pageSize.max).default(pageSize.default),
    }),
    status: 200,
    answer: GalleryPage,
  }),
  readImage: operation({
    method: 'GET',
    path: '/api/images/{imageId}',
    summary: 'Returns one saved image.',
    access: 'reader',
    params: image,
    status: 200,
    answer: SavedImage,
  }),
  describeImage: operation({
    method: 'PATCH',
    path: '/api/images/{imageId}',
    summary: 'Sets the alt text of an image.',
    access: 'writer',
    params: image,
    body: z.strictObject({ alt: AltText }),
    status: 200,
    answer: SavedImage,
  }),
  deleteImage: operation({
    method: 'DELETE',
    path: '/api/images/{imageId}',
    summary: 'Deletes an image with its variants and its original. Idempotent.',
    access: 'writer',
    params: image,
    status: 204,
  }),
  deleteImages: operation({
    method: 'POST',
    path: '/api/images/delete',
    summary: 'Deletes up to 100 images. Retry the ids in `failed`: they may be deleted or not.',
    access: 'writer',
    body: DeleteRequest,
    status: 200,
    answer: DeleteAnswer,
  }),
  recropImage: operation({
    method: 'POST',
    path: '/api/images/{imageId}/recrop',
    summary: 'Creates a new upload from the kept original, to crop it again. The image itself does not change.',
    access: 'writer',
    params: image,
    status: 201,
    answer: Recropped,
    refusals: ['no_original', 'quota'],
  }),
  readCurrent: operation({
    method: 'GET',
    path: '/api/collections/{collection}/current',
    summary: 'Returns the current image and the history of a collection.',
    access: 'reader',
    params: collection,
    status: 200,
    answer: CurrentAnswer,
  }),
  setCurrent: operation({
    method: 'PUT',
    path: '/api/collections/{collection}/current',
    summary: 'Sets the current image of a collection. With `null`, none is current.',
    access: 'writer',
    params: collection,
    body: z.strictObject({ imageId: ImageId.nullable() }),
    status: 200,
    answer: CurrentAnswer,
  }),
  readOpenapi: operation({
    method: 'GET',
    path: '/api/openapi.json',
    summary: 'Returns this document.',
    access: 'public',
    status: 200,
    answer: z.record(z.string(), z.unknown()),
  }),
} as const

/** Probes for load balancers: plain text, outside of `/api`. */
export const probes = {
  '/livez': { summary: 'Liveness: the process responds. Does not check the store.', statuses: { 200: 'alive' } },
  '/readyz': {
    summary: 'Readiness: the host is configured, not draining, and reaches the store (checked every few seconds).',
    statuses: { 200: 'ready', 503: 'not ready: the body is `draining` or `store`' },
  },
} as const

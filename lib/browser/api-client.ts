import type {
  CopyAnswer,
  CurrentAnswer,
  DeleteAnswer,
  DeleteRequest,
  EraseAnswer,
  ExportPage,
  GalleryPage,
  Recropped,
  SavedImage,
  SaveRequest,
  StartUpload,
  UploadTicket,
} from '@/lib/images/schema'
import { ok, type Result } from '@/lib/result'
import { readResponse, requestInit } from './read-response'

/**
 * The HTTP API, for pages of this site. Requests run side by side and work with hosts of any build; server actions run
 * one after another, and each action id is valid for one build only.
 */
export const api = {
  signInAsGuest: () => call<null>('POST', '/api/session/guest'),

  /** Answers the address to go to next. */
  async signOut(): Promise<Result<{ next: string }>> {
    const result = await call<{ next: string } | null>('DELETE', '/api/session')
    // A host of an older build answers without a body.
    return result.ok ? ok({ next: result.value?.next ?? '/' }) : result
  },

  signOutEverywhere: () => call<null>('DELETE', '/api/sessions'),

  exportImages: ({ collection, cursor }: { collection: string; cursor: string | null }) =>
    call<ExportPage>('GET', `/api/export?${new URLSearchParams({ collection, ...(cursor !== null && { cursor }) })}`),

  readCurrent: ({ collection }: { collection: string }) =>
    call<CurrentAnswer>('GET', `/api/collections/${collection}/current`),

  readSession: () => call<{ user: { id: string; name: string } }>('GET', '/api/session'),

  /** Call it until `done`. */
  eraseAccount: () => call<EraseAnswer>('POST', '/api/account/erase', { confirm: 'erase everything' }),

  /** Call it with each `nextCursor` until that is null. */
  copyGuestImages: (input: { cursor: string | null }) => call<CopyAnswer>('POST', '/api/account/guest/copy', input),

  /** Call it until `done`. */
  eraseGuest: () => call<EraseAnswer>('POST', '/api/account/guest/erase', { confirm: 'erase everything' }),

  startUpload: (input: StartUpload) => call<UploadTicket>('POST', '/api/uploads', input),

  saveImage: (input: SaveRequest) => call<SavedImage>('POST', '/api/images', input),

  listImages: ({ collection, cursor }: { collection: string; cursor: string | null }) =>
    call<GalleryPage>('GET', `/api/images?${new URLSearchParams({ collection, ...(cursor !== null && { cursor }) })}`),

  readImage: ({ imageId }: { imageId: string }) => call<SavedImage>('GET', `/api/images/${imageId}`),

  setCurrentImage: ({ collection, imageId }: { collection: string; imageId: string | null }) =>
    withoutValue(call<CurrentAnswer>('PUT', `/api/collections/${collection}/current`, { imageId })),

  recropImage: ({ imageId }: { imageId: string }) => call<Recropped>('POST', `/api/images/${imageId}/recrop`),

  deleteImages: (input: DeleteRequest) => call<DeleteAnswer>('POST', '/api/images/delete', input),

  describeImage: ({ imageId, alt }: { imageId: string; alt: string }) =>
    withoutValue(call<SavedImage>('PATCH', `/api/images/${imageId}`, { alt })),
}

/** Sends a request that continues if the person leaves the page. @throws TypeError if the network fails, as `fetch` */
async function call<T>(method: string, path: string, body?: unknown): Promise<Result<T>> {
  const json = body !== undefined && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
  return readResponse<T>(await fetch(path, { ...requestInit, method, keepalive: true, ...json }))
}

async function withoutValue(answer: Promise<Result<unknown>>): Promise<Result<null>> {
  const result = await answer
  return result.ok ? ok(null) : result
}

import { ok, type Result } from '@/lib/images/errors'
import type {
  CurrentAnswer,
  DeleteAnswer,
  DeleteRequest,
  GalleryPage,
  Recropped,
  SavedImage,
  SaveRequest,
  StartUpload,
  UploadTicket,
} from '@/lib/images/schema'
import { readAnswer } from './read-answer'

/**
 * Each server action once more, by the routes of the HTTP API: the same input, the same result. An action's id holds
 * for one build alone; a route holds for all of them.
 */
export const routes = {
  signInAsGuest: () => call<null>('POST', '/api/session/guest'),

  signOut: () => call<null>('DELETE', '/api/session'),

  startUpload: (input: StartUpload) => call<UploadTicket>('POST', '/api/uploads', input),

  saveImage: (input: SaveRequest) => call<SavedImage>('POST', '/api/images', input),

  listImages: ({ collection, cursor }: { collection: string; cursor: string | null }) =>
    call<GalleryPage>('GET', `/api/images?${new URLSearchParams({ collection, ...(cursor !== null && { cursor }) })}`),

  setCurrentImage: ({ collection, imageId }: { collection: string; imageId: string | null }) =>
    withoutValue(call<CurrentAnswer>('PUT', `/api/collections/${collection}/current`, { imageId })),

  recropImage: ({ imageId }: { imageId: string }) => call<Recropped>('POST', `/api/images/${imageId}/recrop`),

  deleteImages: (input: DeleteRequest) => call<DeleteAnswer>('POST', '/api/images/delete', input),

  describeImage: ({ imageId, alt }: { imageId: string; alt: string }) =>
    withoutValue(call<SavedImage>('PATCH', `/api/images/${imageId}`, { alt })),
}

/** Goes through even where the page goes meanwhile. Throws a TypeError where the network fails, as `fetch` does. */
async function call<T>(method: string, path: string, body?: unknown): Promise<Result<T>> {
  const json = body !== undefined && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
  return readAnswer<T>(await fetch(path, { method, credentials: 'same-origin', keepalive: true, ...json }))
}

async function withoutValue(answer: Promise<Result<unknown>>): Promise<Result<null>> {
  const result = await answer
  return result.ok ? ok(null) : result
}

import type { Result } from '@/lib/images/errors'
import type { DeleteAnswer, DeleteRequest, GalleryPage, Recropped } from '@/lib/images/schema'

/** What the gallery asks of the server; each is a server action, handed in by the page. */
export interface GalleryActions {
  /** The first page, or what follows a cursor. */
  listImages: (input: { collection: string; cursor: string | null }) => Promise<Result<GalleryPage>>
  /** With null nothing is current any more, and initials are shown. */
  setCurrentImage: (input: { collection: string; imageId: string | null }) => Promise<Result<null>>
  /** Copies the original to a new upload, to be cropped again. */
  recropImage: (input: { imageId: string }) => Promise<Result<Recropped>>
  /** Reports which images are deleted, and which failed. */
  deleteImages: (input: DeleteRequest) => Promise<Result<DeleteAnswer>>
  describeImage: (input: { imageId: string; alt: string }) => Promise<Result<null>>
}

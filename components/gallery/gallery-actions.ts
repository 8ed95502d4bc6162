import type { Result } from '@/lib/images/errors'
import type { GalleryPage, Recropped } from '@/lib/images/schema'

/** What the gallery asks of the server; each is a server action, handed in by the page. */
export interface GalleryActions {
  /** The first page, or what follows a cursor. */
  listImages: (input: { collection: string; cursor: string | null }) => Promise<Result<GalleryPage>>
  /** With null nothing is current any more, and initials are shown. */
  setCurrentImage: (input: { collection: string; imageId: string | null }) => Promise<Result<null>>
  /** Copies the original under a new imageId, to be cropped anew. */
  recropImage: (input: { imageId: string }) => Promise<Result<Recropped>>
  /** Answers with the ids that are gone; they may be fewer than asked for. */
  deleteImages: (input: { imageIds: string[] }) => Promise<Result<{ deleted: string[] }>>
  describeImage: (input: { imageId: string; alt: string }) => Promise<Result<null>>
}

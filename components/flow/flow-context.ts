'use client'

import { createContext, useContext } from 'react'
import type { Collection } from '@/lib/images/collections'
import type { CropAnswer, Recipe, TrailId, UploadId } from '@/lib/images/schema'

/** What the server knows about an upload in the store. */
export interface StoredUpload {
  uploadId: UploadId
  collection: Collection
  /** The upload: its presigned URL and ETag. */
  source: { url: string; etag: string }
  /** The recipe of the crop in the page's address. */
  appliedRecipe: Recipe | null
  /** The crop in the page's address, if it was applied: the page opens with its preview. */
  appliedCrop: CropAnswer | null
  /** The head of the trail when the page was rendered. */
  seen: TrailId | null
}

/** How pages and the photo flow of the layout work together. */
export interface PhotoFlow {
  /** Checks the chosen files and opens the editor with the photo. */
  choose: (files: readonly File[], collection: Collection) => void
  isChecking: boolean
  /** The upload whose editor is open on the local file, once it is in the store. Its page renders no editor. */
  localUploadId: string | null
  /** Passes what the server knows about that upload to the open editor. */
  adopt: (upload: StoredUpload) => void
  /** Path and query of the last page that was not an editor, for Cancel. */
  lastPath: () => string
}

export const FlowContext = createContext<PhotoFlow | null>(null)

/** Returns the photo flow of the layout. */
export function usePhotoFlow(): PhotoFlow {
  const flow = useContext(FlowContext)
  if (!flow) throw new Error('usePhotoFlow needs the PhotoFlowProvider of the layout')
  return flow
}

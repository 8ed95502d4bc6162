'use client'

import { useRouter } from 'next/navigation'
import { useEffect } from 'react'
import { PhotoEditor } from '@/components/crop/photo-editor'
import type { SavedImage, SaveRequest } from '@/lib/images/schema'
import type { Result } from '@/lib/result'
import { type StoredUpload, usePhotoFlow } from './flow-context'

interface OpenedUploadProps {
  upload: StoredUpload
  saveImage: (input: SaveRequest) => Promise<Result<SavedImage>>
}

/** The crop page of an upload. If its editor is already open on the local file, that editor adopts the server's data. */
export function OpenedUpload({ upload, saveImage }: OpenedUploadProps) {
  const router = useRouter()
  const { localUploadId, adopt, lastPath } = usePhotoFlow()
  const isLocal = localUploadId === upload.uploadId
  useEffect(() => adopt(upload), [adopt, upload])
  if (isLocal) return null
  return (
    <PhotoEditor
      collection={upload.collection}
      url={upload.source.url}
      upload={upload}
      saveImage={saveImage}
      onLeave={() => router.push(lastPath())}
    />
  )
}

'use client'

import { usePathname, useRouter } from 'next/navigation'
import { type RefObject, useEffect, useState, useTransition } from 'react'
import { useOnline } from '@/components/upload/use-online'
import type { StoredUpload } from './flow-context'

/**
 * Moves the editor to its upload's own address once the file is in the store, and adopts what that page knows.
 * @param uploadId null until then
 * @param adopter receives the function that takes over what the server knows
 */
export function useUploadPage(
  uploadId: string | null,
  adopter: RefObject<((upload: StoredUpload) => void) | null>,
): { stored: StoredUpload | null; isOpening: boolean; isAtEditor: boolean } {
  const router = useRouter()
  const path = usePathname()
  const isOnline = useOnline()
  const [adopted, setAdopted] = useState<StoredUpload | null>(null)
  /** The upload that its page could not open. */
  const [failedId, setFailedId] = useState<string | null>(null)
  const [isOpening, startOpening] = useTransition()
  const stored = adopted !== null && adopted.uploadId === uploadId ? adopted : null
  const isAtUpload = uploadId !== null && path === `/crop/${uploadId}`

  useEffect(() => {
    adopter.current = (upload) => setAdopted(upload)
    return () => {
      adopter.current = null
    }
  }, [adopter])

  useEffect(() => {
    // Without a network, Next would leave the page for the browser's error page.
    if (!uploadId || path !== '/crop' || !isOnline) return
    setFailedId(null)
    // With the edits.
    startOpening(() => router.replace(`/crop/${uploadId}${window.location.search}`))
  }, [uploadId, path, isOnline, router])

  // The page could not open the upload, and says why.
  const isRejected = isAtUpload && !isOpening && !stored
  useEffect(() => {
    if (isRejected) setFailedId(uploadId)
  }, [isRejected, uploadId])

  return { stored, isOpening, isAtEditor: path === '/crop' || (isAtUpload && (!!stored || failedId !== uploadId)) }
}

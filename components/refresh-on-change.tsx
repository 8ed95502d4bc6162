'use client'

import { useRouter } from 'next/navigation'
import { useEffect } from 'react'
import { onPictureChange } from '@/lib/browser/picture-changes'

/** Asks the server for this page again when a tab changed a picture. Shows nothing; what a person types or crops stays. */
export function RefreshOnChange() {
  const router = useRouter()
  useEffect(() => onPictureChange(() => router.refresh()), [router])
  return null
}

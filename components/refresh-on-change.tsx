'use client'

import { useEffect } from 'react'
import { onPictureChange } from '@/lib/browser/picture-changes'
import { useRefresh } from './use-held-page'

/** Asks the server for this page again when a tab changed a picture. Shows nothing; what a person types or crops stays. */
export function RefreshOnChange() {
  const refresh = useRefresh()
  useEffect(() => onPictureChange(refresh), [refresh])
  return null
}

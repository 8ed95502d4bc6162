'use client'

import { useEffect } from 'react'
import { hasOldPages, onPhotoChange } from '@/lib/browser/photo-changes'
import { useRefresh } from './use-page-lock'

/**
 * Asks the server for this page again when another tab changed a picture, and when Back or Forward restores a page
 * from before a change of this tab's own. Shows nothing; what a person types or crops stays.
 */
export function RefreshOnChange() {
  const refresh = useRefresh()
  useEffect(() => onPhotoChange(refresh), [refresh])
  useEffect(() => {
    // Next restores the page in a listener of its own, which may run after this one.
    const onReturn = () => setTimeout(() => hasOldPages() && refresh())
    window.addEventListener('popstate', onReturn)
    return () => window.removeEventListener('popstate', onReturn)
  }, [refresh])
  return null
}

'use client'

import { useEffect } from 'react'
import { isEditorPath } from '@/components/flow/photo-flow-provider'
import { hasOldPages, onPhotoChange } from '@/lib/browser/photo-changes'
import { useRefresh } from './use-page-lock'

/**
 * Refreshes the page when another tab changes a photo, and when Back or Forward restores a page from before a change in
 * this tab. Not in the editor, which shows no saved photos: its own history entries would have to load again, and an edit
 * during that makes Next load the whole page. Renders nothing. Text and crops in progress stay.
 */
export function RefreshOnChange() {
  const refresh = useRefresh()
  useEffect(() => onPhotoChange(refresh), [refresh])
  useEffect(() => {
    // Next restores the page in its own listener, which may run after this one.
    const onReturn = () => setTimeout(() => hasOldPages() && !isEditorPath(window.location.pathname) && refresh())
    window.addEventListener('popstate', onReturn)
    return () => window.removeEventListener('popstate', onReturn)
  }, [refresh])
  return null
}

'use client'

import { usePathname } from 'next/navigation'
import { useEffect } from 'react'
import type { Recipe } from '@/lib/images/schema'
import { recipeToParams } from './recipe-params'

/**
 * Returns the query of an editor's address: the crop, the applied crop if its preview is open, the other choices.
 * @param collection of a photo that has no uploadId yet; null if it is the default one
 */
export function editorSearch(
  recipe: Recipe,
  cropId: string | null,
  keepsOriginal: boolean,
  collection: string | null,
): string {
  const params = recipeToParams(recipe)
  if (collection) params.set('collection', collection)
  if (cropId) params.set('crop', cropId)
  if (!keepsOriginal) params.set('original', 'no')
  return `?${params.toString().replaceAll('%2C', ',')}`
}

/**
 * Keeps the crop in the page's address, so that a reload, another tab or another host restores it. Writes are debounced,
 * because browsers limit how often an address may change, and every click or Esc first writes a pending edit, since it
 * may start a navigation: a late write would undo that navigation.
 * @param search what to write, or null to leave the address alone
 */
export function useCropUrl(search: string | null) {
  const path = usePathname()
  useEffect(() => {
    if (search === null) return
    const write = () => {
      // After Back, the address is that of the next page while this one still shows.
      if (window.location.pathname === path) writeSearch(search)
    }
    const timer = setTimeout(write, 250)
    const writeNow = (event: Event) => {
      if (event instanceof KeyboardEvent && event.key !== 'Escape') return
      clearTimeout(timer)
      write()
    }
    // Capture phase: before links and buttons handle the event.
    document.addEventListener('click', writeNow, true)
    document.addEventListener('keydown', writeNow, true)
    return () => {
      clearTimeout(timer)
      document.removeEventListener('click', writeNow, true)
      document.removeEventListener('keydown', writeNow, true)
    }
  }, [search, path])
}

/** Writes the query of the editor's address at once. Next drops a running navigation when the address changes. */
export function writeSearch(search: string): void {
  // Next marks its own history entries, so only this app's mark may be passed on.
  if (search !== window.location.search) window.history.replaceState(entryMark(), '', search)
}

/** Adds a history entry for the preview, so that Back returns to the editor. */
export function pushPreview(search: string): void {
  window.history.pushState({ isPreview: true }, '', search)
}

/** Whether Back leads from this preview to the editor, because the editor opened it. */
export function isPushedPreview(): boolean {
  return window.history.state?.isPreview === true
}

const entryMark = () => (isPushedPreview() ? { isPreview: true } : null)

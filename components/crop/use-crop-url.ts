'use client'

import { useEffect } from 'react'
import type { CropId, Recipe } from '@/lib/images/schema'
import { recipeToParams } from './recipe-params'

/**
 * Keeps the crop and the keep-original choice in the page's address, so that a reload, another tab or another host
 * restores them. Edits are debounced, because browsers limit how often an address may change. An applied crop is
 * written at once: a late write would undo a navigation to the gallery. For the same reason, every click or Esc first
 * writes a pending edit, since it may start a navigation.
 */
export function useCropUrl(recipe: Recipe | null, cropId: CropId | null, keepsOriginal: boolean) {
  useEffect(() => {
    if (!recipe) return
    const write = () => {
      const params = recipeToParams(recipe)
      if (cropId) params.set('crop', cropId)
      if (!keepsOriginal) params.set('original', 'no')
      const search = `?${params.toString().replaceAll('%2C', ',')}`
      if (search !== window.location.search) window.history.replaceState(null, '', search)
    }
    if (cropId) {
      write()
      return
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
  }, [recipe, cropId, keepsOriginal])
}

'use client'

import { useEffect } from 'react'
import type { CropId, Recipe } from '@/lib/images/schema'
import { recipeToParams } from './recipe-params'

/**
 * Keeps the crop, and whether the original is kept with it, in the page's address, so that a reload, another tab or another host opens it where it was left.
 * Dragging is written down once it pauses: browsers limit how often an address may change. An applied crop is written
 * at once: a write that came late would undo the way to the gallery, which the router takes for left behind. For the
 * same reason whatever is pressed has it written first: it may be a way out.
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
    const writeFirst = (event: Event) => {
      if (event instanceof KeyboardEvent && event.key !== 'Escape') return
      clearTimeout(timer)
      write()
    }
    // Capturing: before links and buttons hear of it.
    document.addEventListener('click', writeFirst, true)
    document.addEventListener('keydown', writeFirst, true)
    return () => {
      clearTimeout(timer)
      document.removeEventListener('click', writeFirst, true)
      document.removeEventListener('keydown', writeFirst, true)
    }
  }, [recipe, cropId, keepsOriginal])
}

'use client'

import { useSearchParams } from 'next/navigation'
import { useState } from 'react'
import type { StoredUpload } from '@/components/flow/flow-context'
import { type Collection, defaultCollection } from '@/lib/images/collections'
import type { Recipe } from '@/lib/images/schema'
import { recipeFromParams } from './recipe-params'
import { editorSearch } from './use-crop-url'

/**
 * Keeps the choices that an editor has in its address, so that every step reopens by its address (U15): the crop to open
 * with, the open preview, and whether the original is kept.
 * @param isLocal the photo is a file of this browser
 */
export function useEditorAddress(collection: Collection, upload: StoredUpload | null, isLocal: boolean) {
  // Read in the browser: Back restores the page as first rendered, but with its latest address. The router's parameters
  // of a new file are those of the photo before, until it renders again.
  const params = useSearchParams()
  const [first] = useState(() => (isLocal ? new URLSearchParams(window.location.search) : params))
  const [initialRecipe] = useState(() => recipeFromParams(Object.fromEntries(first)) ?? upload?.appliedRecipe ?? null)
  const [keepsOriginal, setKeepsOriginal] = useState(() => first.get('original') !== 'no')
  /** The crop whose preview is open. The address has it too, but a refresh of the page may write an older address. */
  const [previewId, setPreviewId] = useState(() => first.get('crop'))
  // The address needs no update before the first change.
  const [isTouched, setIsTouched] = useState(false)
  // The uploadId says it, and the default collection needs no word.
  const collectionParam = upload || collection.name === defaultCollection.name ? null : collection.name

  return {
    initialRecipe,
    keepsOriginal,
    previewId,
    isTouched,
    touch: () => setIsTouched(true),
    chooseOriginal(keepOriginal: boolean) {
      setIsTouched(true)
      setKeepsOriginal(keepOriginal)
    },
    /** Opens the preview of a crop, or closes it. */
    show(cropId: string | null) {
      setIsTouched(true)
      setPreviewId(cropId)
    },
    /** Follows Back and Forward: the preview of this crop is in the address already. */
    follow: setPreviewId,
    /** Returns the query of the address with this crop and preview. */
    search: (recipe: Recipe, cropId: string | null, keepOriginal = keepsOriginal) =>
      editorSearch(recipe, cropId, keepOriginal, collectionParam),
  }
}

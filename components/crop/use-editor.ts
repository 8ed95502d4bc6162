'use client'

import { useState } from 'react'
import { centredRecipe, type Size } from '@/lib/images/geometry'
import type { Recipe } from '@/lib/images/schema'
import { isSameRecipe, openingRecipe, recipeOf, type Subject, type View, viewOf } from './crop-geometry'

/** The crop while it is edited. */
export interface Editing {
  subject: Subject
  /** The frame's position in fractions of pixels. */
  view: View
  /** The view rounded to a recipe. The opening recipe stays exactly the same until the first edit. */
  recipe: Recipe
  opened: Recipe
  /** The last change came from a button or key, so its result must be announced. */
  pressed: boolean
}

type Change = (view: View, subject: Subject) => View

/**
 * Holds the crop during editing.
 * @param initial the recipe to open with, or null for the centred one
 * @param onChange called before every change
 */
export function useEditor(aspect: number, initial: Recipe | null, onChange: () => void) {
  const [editing, setEditing] = useState<Editing | null>(null)

  return {
    editing,
    isChanged: editing !== null && !isSameRecipe(editing.recipe, editing.opened),

    /** Opens the editor once the image's natural size is known. */
    open(image: Size) {
      const subject = { image, aspect }
      setEditing((before) => {
        const recipe = openingRecipe(before?.recipe ?? initial, subject)
        return { subject, recipe, view: viewOf(recipe, subject), opened: before?.opened ?? recipe, pressed: false }
      })
    },

    /** Applies a change. @param pressed it came from a button or key, so its result must be announced */
    change(change: Change, pressed = false) {
      onChange()
      setEditing((before) => {
        if (!before) return before
        const view = change(before.view, before.subject)
        return { ...before, view, recipe: recipeOf(view, before.subject), pressed }
      })
    },

    /** Resets to the largest centred frame, without rotation or flip. */
    reset() {
      onChange()
      setEditing((before) => {
        if (!before) return before
        const recipe = centredRecipe(before.subject.image, aspect)
        return { ...before, recipe, view: viewOf(recipe, before.subject), pressed: true }
      })
    },
  }
}

export type Editor = ReturnType<typeof useEditor>

'use client'

import { useState } from 'react'
import { centredRecipe, type Size } from '@/lib/images/geometry'
import type { Recipe } from '@/lib/images/schema'
import { isSameRecipe, openingRecipe, recipeOf, type Subject, type View, viewOf } from './crop-geometry'

/** The crop while it is edited. */
export interface Editing {
  subject: Subject
  /** Where the frame is, in fractions of pixels. */
  view: View
  /** What the view stands for. The one it was opened with stays as it is, to the last digit, until touched. */
  recipe: Recipe
  opened: Recipe
  /** The last change was the press of a button or key, which says nothing by itself. */
  pressed: boolean
}

type Step = (view: View, subject: Subject) => View

/**
 * Keeps the crop while it is edited.
 * @param given where the crop was left
 * @param onTouch told of every change
 */
export function useEditor(aspect: number, given: Recipe | null, onTouch: () => void) {
  const [editing, setEditing] = useState<Editing | null>(null)

  return {
    editing,
    isChanged: editing !== null && !isSameRecipe(editing.recipe, editing.opened),

    /** Opens the crop once the picture's natural size is known. */
    open(picture: Size) {
      const subject = { picture, aspect }
      setEditing((before) => {
        const recipe = openingRecipe(before?.recipe ?? given, subject)
        return { subject, recipe, view: viewOf(recipe, subject), opened: before?.opened ?? recipe, pressed: false }
      })
    },

    /** Takes a step. `pressed`: by a button or key, so that the result has to be spoken. */
    change(step: Step, pressed = false) {
      onTouch()
      setEditing((before) => {
        if (!before) return before
        const view = step(before.view, before.subject)
        return { ...before, view, recipe: recipeOf(view, before.subject), pressed }
      })
    },

    /** Back to the largest frame in the middle, neither turned nor flipped. */
    reset() {
      onTouch()
      setEditing((before) => {
        if (!before) return before
        const recipe = centredRecipe(before.subject.picture, aspect)
        return { ...before, recipe, view: viewOf(recipe, before.subject), pressed: true }
      })
    },
  }
}

export type Editor = ReturnType<typeof useEditor>

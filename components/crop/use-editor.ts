'use client'

import { useEffect, useState, useSyncExternalStore } from 'react'
import type { Size } from '@/lib/images/geometry'
import type { Recipe } from '@/lib/images/schema'
import { isSameRecipe, type Subject, type View, viewOf } from './crop-geometry'
import {
  type Announcement,
  type Change,
  choose,
  drag,
  type EditorState,
  edit,
  openState,
  redo,
  replace,
  reset,
  settle,
  suggest,
  undo,
} from './editor-state'

/** The crop while it is edited, as of the last complete step. */
interface Editing {
  subject: Subject
  /** The opening recipe stays exactly the same until the first edit. */
  recipe: Recipe
  opened: Recipe
}

/**
 * Holds the crop during editing. The state lives outside React: during a gesture only the parts that show it render
 * again (`useLive`), and the component with this hook once the gesture ends.
 * @param initial the recipe to open with, or null for the default one
 * @param onChange called before every change
 */
export function useEditor(aspect: number, initial: Recipe | null, onChange: () => void) {
  const [store] = useState(createStore)
  const settled = useSyncExternalStore(store.subscribe, store.readSettled, () => null)

  // The wheel does not report the end of a gesture, so the next press ends it.
  useEffect(() => {
    const events = ['pointerdown', 'keydown', 'click'] as const
    const settle = (event: Event) => {
      const isHeldKey = event instanceof KeyboardEvent && event.repeat
      if (!isHeldKey) store.settle()
    }
    for (const event of events) document.addEventListener(event, settle, true)
    return () => {
      for (const event of events) document.removeEventListener(event, settle, true)
    }
  }, [store])

  const change = (next: (state: EditorState) => EditorState) => {
    onChange()
    store.update(next)
  }

  const editing: Editing | null = settled && {
    subject: settled.subject,
    recipe: settled.settled.recipe,
    opened: settled.opened,
  }

  return {
    store,
    editing,
    isChanged: settled !== null && !isSameRecipe(settled.settled.recipe, settled.opened),
    canUndo: (settled?.past.length ?? 0) > 0,
    canRedo: (settled?.future.length ?? 0) > 0,
    suggested: settled?.suggested ?? null,

    /** Opens the editor once the image's natural size is known. A reload of the image keeps the crop. */
    open(image: Size) {
      const before = store.read()
      if (before?.subject.image.width === image.width && before.subject.image.height === image.height) return
      store.replace(openState(image, aspect, before?.settled.recipe ?? initial))
    },

    /** Applies a change in one step. @param said announces it @param isRepeat it belongs to the step before */
    change: (next: Change, said?: Announcement, isRepeat?: boolean) =>
      change((state) => edit(state, next, said, isRepeat)),

    /** Applies a movement of a gesture. `settle` ends it. */
    drag(next: Change) {
      // Only the first movement: the callback may render the page.
      if (!store.isMoving()) onChange()
      store.update((state) => drag(state, next))
    },
    settle: store.settle,

    undo: () => change(undo),
    redo: () => change(redo),
    reset: () => change(reset),
    fitSuggested: () =>
      change((state) => (state.suggested ? replace(state, state.suggested, { kind: 'fitted' }) : state)),

    /** Shows another recipe, such as that of the address after Back. The same recipe changes nothing. */
    show: (recipe: Recipe) => store.update((state) => replace(state, recipe)),

    /** Keeps the crop on the screen, because it is being made. */
    choose: () => store.update(choose),

    /** Opens with a better recipe, unless the person or the address has chosen a crop. Keeps it for `reset`. */
    suggest: (recipe: Recipe) => store.update((state) => suggest(state, recipe)),
  }
}

export type Editor = ReturnType<typeof useEditor>

type Store = ReturnType<typeof createStore>

/** Returns what `select` picks of the editor's state, also during a gesture; null until the editor is open. */
export function useLive<T extends string | number | boolean | object | null>(
  { store }: { store: Store },
  select: (state: EditorState) => T,
): T | null {
  const read = () => {
    const state = store.read()
    return state && select(state)
  }
  return useSyncExternalStore(store.subscribe, read, () => null)
}

/** Returns the view to draw: exactly the recipe, except that a gesture moves the image by fractions of its pixels. */
export function shownView({ now, settled, subject }: EditorState): View {
  if (now !== settled) return now.view
  return { ...viewOf(now.recipe, subject), turns: now.view.turns, straighten: now.view.straighten }
}

/** Returns the CSS transition of the image: jumps are animated, gestures follow the pointer at once. */
export function jumpTransition({ isJump }: EditorState): string {
  return isJump ? 'transform 220ms cubic-bezier(0.2, 0.8, 0.2, 1)' : 'none'
}

function createStore() {
  let state: EditorState | null = null
  let settled: EditorState | null = null
  const listeners = new Set<() => void>()

  const isMoving = () => state !== null && state.now !== state.settled

  function replaceState(next: EditorState) {
    if (next === state) return
    state = next
    if (!isMoving()) settled = next
    for (const listener of listeners) listener()
  }

  function update(next: (state: EditorState) => EditorState) {
    if (state) replaceState(next(state))
  }

  return {
    isMoving,
    update,
    replace: replaceState,
    settle: () => update(settle),
    read: () => state,
    /** The state as of the last complete step. */
    readSettled: () => settled,
    subscribe(listener: () => void) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

import type { Size } from '@/lib/images/geometry'
import type { Flip, Recipe } from '@/lib/images/schema'
import {
  defaultRecipe,
  fits,
  isSameRecipe,
  openingRecipe,
  recipeOf,
  type Subject,
  turnedNear,
  type View,
  viewOf,
} from './crop-geometry'

/** A crop in both forms. `view` is in fractions of pixels, `recipe` is its rounding, which the hosts cut. */
export interface Crop {
  view: View
  recipe: Recipe
}

/** What a button or key did, for screen readers. Sliders announce their own value. */
export type Announcement =
  | { kind: 'zoom' | 'straighten' | 'edge' | 'fitted' | 'reset' | 'undone' | 'redone' }
  | { kind: 'moved'; direction: Direction }
  | { kind: 'turned'; direction: 'left' | 'right' }
  | { kind: 'flipped'; axis: keyof Flip }

export type Direction = 'left' | 'right' | 'up' | 'down'

/** The editor's whole state. Every function of this file returns a new state. */
export interface EditorState {
  subject: Subject
  /** The crop on the screen. */
  now: Crop
  /** The crop before the gesture that is under way, else `now`. A gesture is one step to undo. */
  settled: Crop
  opened: Recipe
  /** The crop that was suggested for this image, such as one that shows the faces. */
  suggested: Recipe | null
  /** Crops to undo to, the last one first in line. */
  past: Crop[]
  future: Crop[]
  /** The person, or the address, chose this crop. */
  isChosen: boolean
  /** The last change jumps to another crop, so it is worth an animation. */
  isJump: boolean
  announcement: { id: number; content: Announcement } | null
}

export type Change = (view: View, subject: Subject) => View

/** @param known the recipe to open with, or null for the default one */
export function openState(image: Size, aspect: number, known: Recipe | null): EditorState {
  const subject = { image, aspect }
  const recipe = openingRecipe(known, subject)
  const now = { view: viewOf(recipe, subject), recipe }
  return {
    subject,
    now,
    settled: now,
    opened: recipe,
    suggested: null,
    past: [],
    future: [],
    isChosen: recipe === known,
    isJump: false,
    announcement: null,
  }
}

/** Applies a movement of a gesture: a drag, a pinch, the wheel, or a slider. */
export function drag(state: EditorState, change: Change): EditorState {
  const view = change(state.now.view, state.subject)
  const now = { view, recipe: recipeOf(view, state.subject) }
  return { ...state, now, isJump: false, isChosen: true }
}

/** Ends a gesture. */
export function settle(state: EditorState): EditorState {
  const { now, settled } = state
  if (now === settled) return state
  // A movement of less than a pixel counts towards the next one.
  if (isSameRecipe(now.recipe, settled.recipe)) return { ...state, settled: now }
  return { ...state, settled: now, past: [...state.past, settled], future: [] }
}

/**
 * Applies a change in one step.
 * @param said announces it; if it changed nothing, the edge is announced instead of a movement
 * @param isRepeat a key is held down, so the change belongs to the step before
 */
export function edit(state: EditorState, change: Change, said?: Announcement, isRepeat = false): EditorState {
  const before = settle(state)
  const after = settle(drag(before, change))
  const isStuck = said?.kind === 'moved' && isSameRecipe(after.now.recipe, before.now.recipe)
  const past = isRepeat && before.past.length > 0 ? before.past : after.past
  return announce({ ...after, past, isJump: said?.kind !== 'flipped' }, isStuck ? { kind: 'edge' } : said)
}

/** Replaces the crop by a recipe, in one step. A recipe that does not fit the image changes nothing. */
export function replace(state: EditorState, recipe: Recipe, said?: Announcement): EditorState {
  const before = settle(state)
  if (!fits(recipe, before.subject) || (!said && isSameRecipe(recipe, before.now.recipe))) return before
  const view = turnedNear(viewOf(recipe, before.subject), before.now.view)
  return announce(settle({ ...before, now: { view, recipe }, isJump: true, isChosen: true }), said)
}

/** Returns to the crop of a new image, in one step. */
export function reset(state: EditorState): EditorState {
  return replace(state, state.suggested ?? defaultRecipe(state.subject), { kind: 'reset' })
}

export function undo(state: EditorState): EditorState {
  const before = settle(state)
  const target = before.past.at(-1)
  if (!target) return before
  const past = before.past.slice(0, -1)
  const future = [before.now, ...before.future]
  return announce({ ...before, now: target, settled: target, past, future, isJump: true }, { kind: 'undone' })
}

export function redo(state: EditorState): EditorState {
  const before = settle(state)
  const [target, ...future] = before.future
  if (!target) return before
  const past = [...before.past, before.now]
  return announce({ ...before, now: target, settled: target, past, future, isJump: true }, { kind: 'redone' })
}

/** Keeps the crop on the screen: the person has asked for it, even without a change. */
export function choose(state: EditorState): EditorState {
  return state.isChosen ? state : { ...state, isChosen: true }
}

/** Opens with a better recipe, unless the person has chosen a crop, which stays. */
export function suggest(state: EditorState, recipe: Recipe): EditorState {
  if (!fits(recipe, state.subject)) return state
  if (state.isChosen) return { ...state, suggested: recipe }
  const now = { view: viewOf(recipe, state.subject), recipe }
  return { ...state, now, settled: now, opened: recipe, suggested: recipe, isJump: true }
}

function announce(state: EditorState, content?: Announcement): EditorState {
  if (!content) return state
  return { ...state, announcement: { id: (state.announcement?.id ?? 0) + 1, content } }
}

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Recipe } from '@/lib/images/schema'
import { defaultRecipe, mirrored, moved, straightened, turned, zoomed } from './crop-geometry'
import {
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

const image = { width: 4000, height: 3000 }
const subject = { image, aspect: 1 }
const upright = { rotate: 0, flip: { horizontal: false, vertical: false } }
const face: Recipe = { area: { x: 1200, y: 200, width: 900, height: 900 }, ...upright }
const open = (known: Recipe | null = null) => openState(image, 1, known)

const zoomIn: Change = (view, what) => zoomed(view, view.zoom * 1.1, what)
const toTheRight: Change = (view, what) => moved(view, { x: 50, y: 0 }, what)

const change: fc.Arbitrary<Change> = fc.oneof(
  fc.double({ min: 1, max: 10, noNaN: true }).map<Change>((zoom) => (view, what) => zoomed(view, zoom, what)),
  fc.record({ x: fc.integer(), y: fc.integer() }).map<Change>((by) => (view, what) => moved(view, by, what)),
  fc.constantFrom(1, -1).map<Change>((turns) => (view, what) => turned(view, turns, what)),
  fc.integer({ min: -90, max: 90 }).map<Change>((half) => (view, what) => straightened(view, half / 2, what)),
  fc.constantFrom('horizontal', 'vertical').map<Change>((axis) => (view) => mirrored(view, axis)),
)

describe('U43: undo and redo', () => {
  test('restore every crop exactly', () => {
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 12 }), (changes) => {
        const states: EditorState[] = [open()]
        for (const next of changes) {
          const after = edit(states.at(-1) as EditorState, next)
          if (after.past.length > (states.at(-1) as EditorState).past.length) states.push(after)
        }
        let state = states.at(-1) as EditorState
        for (const before of states.slice(0, -1).reverse()) {
          state = undo(state)
          expect(state.now.recipe).toEqual(before.now.recipe)
        }
        expect(undo(state).now).toBe(state.now)
        for (const after of states.slice(1)) {
          state = redo(state)
          expect(state.now.recipe).toEqual(after.now.recipe)
        }
        expect(redo(state).now).toBe(state.now)
      }),
    )
  })

  test('take a whole gesture as one step', () => {
    let state = edit(open(), zoomIn)
    const zoomedIn = state.now.recipe
    for (let movement = 0; movement < 20; movement += 1) state = drag(state, toTheRight)
    expect(state.past).toHaveLength(1)
    state = settle(state)
    expect(state.past).toHaveLength(2)
    expect(undo(state).now.recipe).toEqual(zoomedIn)
    // A gesture under way is a step too.
    expect(undo(drag(state, zoomIn)).now.recipe).toEqual(state.now.recipe)
  })

  test('take a key that is held down as one step', () => {
    let state = edit(open(face), toTheRight)
    for (let press = 0; press < 9; press += 1) state = edit(state, toTheRight, undefined, true)
    expect(state.now.recipe.area.x).toBe(face.area.x - 500)
    expect(undo(state).now.recipe).toEqual(face)
  })

  test('skip a gesture that ends where it began', () => {
    const state = settle(drag(drag(open(face), toTheRight), (view, what) => moved(view, { x: -50, y: 0 }, what)))
    expect(state.past).toEqual([])
  })

  test('forget the undone steps after another change', () => {
    const state = edit(undo(edit(open(), zoomIn)), toTheRight)
    expect(redo(state)).toEqual(state)
  })

  test('include reset and a crop from the address', () => {
    const edited = edit(open(), zoomIn)
    expect(reset(edited).now.recipe).toEqual(defaultRecipe(subject))
    expect(undo(reset(edited)).now.recipe).toEqual(edited.now.recipe)
    expect(replace(edited, face).now.recipe).toEqual(face)
    expect(undo(replace(edited, face)).now.recipe).toEqual(edited.now.recipe)
  })
})

test('the crop on the screen in the address again changes nothing', () => {
  const state = open(face)
  expect(replace(state, { ...face })).toBe(state)
})

test('a crop that does not fit the image changes nothing', () => {
  const outside = { ...face, area: { ...face.area, x: 3500 } }
  expect(replace(open(), outside)).toEqual(open())
  expect(suggest(open(), outside)).toEqual(open())
})

describe('U46: a better opening crop', () => {
  test('replaces the default one, without a step to undo', () => {
    const state = suggest(open(), face)
    expect([state.now.recipe, state.opened, state.past]).toEqual([face, face, []])
  })

  test('does not replace what the person or the address chose', () => {
    const changed = edit(open(), zoomIn)
    for (const state of [changed, undo(changed), drag(open(), zoomIn), open(face), choose(open())]) {
      const other = { ...face, area: { ...face.area, x: 0 } }
      expect(suggest(state, other).now).toBe(state.now)
    }
  })

  test('is where reset returns to', () => {
    expect(reset(suggest(edit(open(), zoomIn), face)).now.recipe).toEqual(face)
  })
})

describe('U44: announcements', () => {
  const said = (state: EditorState) => state.announcement?.content.kind

  test('say that the photo ends instead of a movement that it cannot make', () => {
    const edge = edit(open(face), toTheRight, { kind: 'moved', direction: 'right' })
    expect(said(edge)).toBe('moved')
    // The default crop is as high as the photo.
    const up: Change = (view, what) => moved(view, { x: 0, y: -50 }, what)
    expect(said(edit(open(), up, { kind: 'moved', direction: 'up' }))).toBe('edge')
  })

  test('have a new id each time, and gestures have none', () => {
    const once = edit(open(), zoomIn, { kind: 'zoom' })
    const twice = edit(once, zoomIn, { kind: 'zoom' })
    expect(twice.announcement?.id).not.toBe(once.announcement?.id)
    expect(settle(drag(twice, toTheRight)).announcement).toBe(twice.announcement)
  })
})

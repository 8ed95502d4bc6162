import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { keepPlace, readPlace } from './kept-place'

const loaded = { images: [], nextCursor: 'more' }

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('window', { scrollY: 1200 })
})

afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

test('going back finds what was loaded and how far down', () => {
  keepPlace('entry 1', loaded)
  expect(readPlace('entry 1')).toMatchObject({ loaded, scrollY: 1200 })
})

test('opening the gallery anew starts at the top', () => {
  keepPlace('entry 2', loaded)
  expect(readPlace('entry 3')).toBeNull()
})

test('a place whose URLs may have expired is not restored', () => {
  keepPlace('entry 4', loaded)
  vi.advanceTimersByTime(9 * 60 * 1000)
  expect(readPlace('entry 4')).toBeNull()
})

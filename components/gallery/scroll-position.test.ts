import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { readScrollPosition, saveScrollPosition } from './scroll-position'

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
  saveScrollPosition('entry 1', loaded)
  expect(readScrollPosition('entry 1')).toMatchObject({ loaded, scrollY: 1200 })
})

test('opening the gallery anew starts at the top', () => {
  saveScrollPosition('entry 2', loaded)
  expect(readScrollPosition('entry 3')).toBeNull()
})

test('a place whose URLs may have expired is not restored', () => {
  saveScrollPosition('entry 4', loaded)
  vi.advanceTimersByTime(9 * 60 * 1000)
  expect(readScrollPosition('entry 4')).toBeNull()
})

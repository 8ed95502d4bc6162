import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { readScrollPosition, saveScrollPosition } from './scroll-position'

const loaded = { images: [], nextCursor: 'more', currentId: null, used: [] }

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('window', { scrollY: 1200 })
})

afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

test('U19: going Back restores the loaded images and the scroll position', () => {
  saveScrollPosition('entry 1', loaded)
  expect(readScrollPosition('entry 1')).toMatchObject({ loaded, scrollY: 1200 })
})

test('opening the gallery by a link starts at the top', () => {
  saveScrollPosition('entry 2', loaded)
  expect(readScrollPosition('entry 3')).toBeNull()
})

test('ignores a position whose URLs may have expired', () => {
  saveScrollPosition('entry 4', loaded)
  vi.advanceTimersByTime(9 * 60 * 1000)
  expect(readScrollPosition('entry 4')).toBeNull()
})

import { expect, test, vi } from 'vitest'
import { announcePhotoChange, forgetOldPages, hasOldPages, onCurrentPhoto, onPhotoChange } from './photo-changes'

/** Imports the module again, as another tab does. */
async function otherTab() {
  vi.resetModules()
  return import('./photo-changes')
}

test('U17: a change reaches the listeners of other tabs until they stop', async () => {
  const other = await otherTab()
  const stays = vi.fn()
  const leaves = vi.fn()
  const stop = other.onPhotoChange(stays)
  other.onPhotoChange(leaves)()

  announcePhotoChange()

  await vi.waitFor(() => expect(stays).toHaveBeenCalledOnce(), { timeout: 20_000 })
  expect(leaves).not.toHaveBeenCalled()
  stop()
})

test('a change does not reach listeners of the tab that announces it', async () => {
  const other = await otherTab()
  const own = vi.fn()
  const stop = onPhotoChange(own)

  announcePhotoChange()
  other.announcePhotoChange()

  // Messages arrive in order: the other tab's is last.
  await vi.waitFor(() => expect(own).toHaveBeenCalled(), { timeout: 20_000 })
  expect(own).toHaveBeenCalledOnce()
  stop()
})

test('U17: the current photo reaches only the tab that announces it', async () => {
  const other = await otherTab()
  const here = vi.fn()
  const left = vi.fn()
  const there = vi.fn()
  const refreshed = vi.fn()
  const stops = [onCurrentPhoto(here), other.onCurrentPhoto(there), other.onPhotoChange(refreshed)]
  onCurrentPhoto(left)()
  const photo = { url: 'https://store.example/64.webp' }

  announcePhotoChange()
  expect(here).not.toHaveBeenCalled()
  announcePhotoChange(photo)

  expect(here.mock.calls).toEqual([[photo]])
  await vi.waitFor(() => expect(refreshed).toHaveBeenCalledTimes(2), { timeout: 20_000 })
  expect(there).not.toHaveBeenCalled()
  expect(left).not.toHaveBeenCalled()
  for (const stop of stops) stop()
})

test('has old pages from a change of this tab until a refresh begins', async () => {
  const other = await otherTab()
  forgetOldPages()
  expect(hasOldPages()).toBe(false)
  announcePhotoChange()
  expect(hasOldPages()).toBe(true)
  // The other tab refreshes because of the announcement.
  expect(other.hasOldPages()).toBe(false)
  forgetOldPages()
  expect(hasOldPages()).toBe(false)
})

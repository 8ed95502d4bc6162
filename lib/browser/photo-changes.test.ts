import { expect, test, vi } from 'vitest'
import { announcePhotoChange, forgetOldPages, hasOldPages, onCurrentPhoto, onPhotoChange } from './photo-changes'

/** The same module as another tab has it. */
async function otherTab() {
  vi.resetModules()
  return import('./photo-changes')
}

test('an announced change reaches all who listen in other tabs, and none who left', async () => {
  const other = await otherTab()
  const stays = vi.fn()
  const leaves = vi.fn()
  const end = other.onPhotoChange(stays)
  other.onPhotoChange(leaves)()

  announcePhotoChange()

  await vi.waitFor(() => expect(stays).toHaveBeenCalledOnce())
  expect(leaves).not.toHaveBeenCalled()
  end()
})

test('the tab that announces a change does not hear of it', async () => {
  const other = await otherTab()
  const own = vi.fn()
  const end = onPhotoChange(own)

  announcePhotoChange()
  other.announcePhotoChange()

  // They arrive in order: the other tab's comes last.
  await vi.waitFor(() => expect(own).toHaveBeenCalled())
  expect(own).toHaveBeenCalledOnce()
  end()
})

test('the current photo reaches the header of the tab that announces it, and of no other', async () => {
  const other = await otherTab()
  const here = vi.fn()
  const left = vi.fn()
  const there = vi.fn()
  const refreshed = vi.fn()
  const ends = [onCurrentPhoto(here), other.onCurrentPhoto(there), other.onPhotoChange(refreshed)]
  onCurrentPhoto(left)()
  const photo = { url: 'https://store.example/64.webp' }

  announcePhotoChange()
  expect(here).not.toHaveBeenCalled()
  announcePhotoChange(photo)

  expect(here.mock.calls).toEqual([[photo]])
  await vi.waitFor(() => expect(refreshed).toHaveBeenCalledTimes(2))
  expect(there).not.toHaveBeenCalled()
  expect(left).not.toHaveBeenCalled()
  for (const end of ends) end()
})

test('pages that Back restores are old from a change of this tab on, until a refresh begins', async () => {
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

import { expect, test, vi } from 'vitest'
import { announcePictureChange, onPictureChange } from './picture-changes'

/** The same module as another tab has it. */
async function otherTab() {
  vi.resetModules()
  return import('./picture-changes')
}

test('an announced change reaches all who listen in other tabs, and none who left', async () => {
  const other = await otherTab()
  const stays = vi.fn()
  const leaves = vi.fn()
  const end = other.onPictureChange(stays)
  other.onPictureChange(leaves)()

  announcePictureChange()

  await vi.waitFor(() => expect(stays).toHaveBeenCalledOnce())
  expect(leaves).not.toHaveBeenCalled()
  end()
})

test('the tab that announces a change does not hear of it', async () => {
  const other = await otherTab()
  const own = vi.fn()
  const end = onPictureChange(own)

  announcePictureChange()
  other.announcePictureChange()

  // They arrive in order: the other tab's comes last.
  await vi.waitFor(() => expect(own).toHaveBeenCalled())
  expect(own).toHaveBeenCalledOnce()
  end()
})

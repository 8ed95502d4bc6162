import { expect, test, vi } from 'vitest'
import { announcePictureChange, onPictureChange } from './picture-changes'

test('an announced change reaches all who listen, and none who left', async () => {
  const stays = vi.fn()
  const leaves = vi.fn()
  const end = onPictureChange(stays)
  onPictureChange(leaves)()

  announcePictureChange()

  await vi.waitFor(() => expect(stays).toHaveBeenCalledOnce())
  expect(leaves).not.toHaveBeenCalled()
  end()
})

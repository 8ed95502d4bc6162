import { expect, test, vi } from 'vitest'
import { lockPage, whenUnlocked } from './page-lock'

test('runs work at once if the page is not locked', () => {
  const work = vi.fn()
  whenUnlocked(work)
  expect(work).toHaveBeenCalledOnce()
})

test('runs waiting work once, after the last lock is released', () => {
  const work = vi.fn()
  const unlockFirst = lockPage()
  const unlockSecond = lockPage()
  whenUnlocked(work)
  whenUnlocked(work)
  unlockFirst()
  expect(work).not.toHaveBeenCalled()
  unlockSecond()
  expect(work).toHaveBeenCalledOnce()
  lockPage()()
  expect(work).toHaveBeenCalledOnce()
})

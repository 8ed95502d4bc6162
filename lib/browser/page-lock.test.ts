import { expect, test, vi } from 'vitest'
import { lockPage, whenUnlocked } from './page-lock'

test('what is not held runs at once', () => {
  const work = vi.fn()
  whenUnlocked(work)
  expect(work).toHaveBeenCalledOnce()
})

test('what is held waits for the last hold to end, and then runs once, however often it was wanted', () => {
  const work = vi.fn()
  const endFirst = lockPage()
  const endSecond = lockPage()
  whenUnlocked(work)
  whenUnlocked(work)
  endFirst()
  expect(work).not.toHaveBeenCalled()
  endSecond()
  expect(work).toHaveBeenCalledOnce()
  lockPage()()
  expect(work).toHaveBeenCalledOnce()
})

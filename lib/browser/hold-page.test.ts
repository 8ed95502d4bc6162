import { expect, test, vi } from 'vitest'
import { holdPage, whenFree } from './hold-page'

test('what is not held runs at once', () => {
  const work = vi.fn()
  whenFree(work)
  expect(work).toHaveBeenCalledOnce()
})

test('what is held waits for the last hold to end, and then runs once, however often it was wanted', () => {
  const work = vi.fn()
  const endFirst = holdPage()
  const endSecond = holdPage()
  whenFree(work)
  whenFree(work)
  endFirst()
  expect(work).not.toHaveBeenCalled()
  endSecond()
  expect(work).toHaveBeenCalledOnce()
  holdPage()()
  expect(work).toHaveBeenCalledOnce()
})

import { afterEach, expect, test, vi } from 'vitest'
import { onToastsChange, shownToasts, toast } from './toast'

afterEach(() => {
  for (const { id } of shownToasts()) toast.dismiss(id)
})

test('shows at most three toasts, the newest last', () => {
  for (const text of ['a', 'b', 'c', 'd']) toast(text)
  expect(shownToasts().map(({ text }) => text)).toEqual(['b', 'c', 'd'])
})

test('U65: a failure stays longer than a success, and a duration overrides both', () => {
  toast.success('saved')
  toast.error('failed')
  toast('deleted', { duration: 60_000 })
  const [success, error, plain] = shownToasts()
  expect(error?.duration).toBeGreaterThan(success?.duration ?? Number.POSITIVE_INFINITY)
  expect(plain).toMatchObject({ kind: 'plain', duration: 60_000 })
})

test('reports each change until the listener stops', () => {
  const listener = vi.fn()
  const stop = onToastsChange(listener)
  const id = toast('a')
  toast.dismiss(id)
  expect(listener).toHaveBeenCalledTimes(2)
  expect(shownToasts()).toEqual([])
  stop()
  toast('b')
  expect(listener).toHaveBeenCalledTimes(2)
})

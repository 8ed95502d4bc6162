import { afterEach, expect, test, vi } from 'vitest'
import { ensureGuest } from './ensure-guest'

afterEach(() => vi.unstubAllGlobals())

test('creates guests one after another, so that the second request has the cookie of the first', async () => {
  let running = 0
  let most = 0
  const fetch = vi.fn(async () => {
    running += 1
    most = Math.max(most, running)
    await new Promise((resolve) => setTimeout(resolve, 5))
    running -= 1
    return new Response(null, { status: 204 })
  })
  vi.stubGlobal('fetch', fetch)
  const results = await Promise.all([ensureGuest(), ensureGuest(), ensureGuest()])
  expect(results).toEqual(Array(3).fill({ ok: true, value: null }))
  expect(fetch).toHaveBeenCalledTimes(3)
  expect(most).toBe(1)
})

test('creates a guest without the Web Locks API', async () => {
  vi.stubGlobal('navigator', { onLine: true })
  vi.stubGlobal('fetch', async () => new Response(null, { status: 204 }))
  expect(await ensureGuest()).toEqual({ ok: true, value: null })
})

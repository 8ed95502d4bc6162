import { expect, test } from 'vitest'
import { readResponse } from './read-response'

const problem = { headers: { 'content-type': 'application/problem+json' } }
const unauthorized = { ok: false, code: 'unauthorized' }

test('reads values and refusals of the API', async () => {
  expect(await readResponse(Response.json({ id: 1 }))).toEqual({ ok: true, value: { id: 1 } })
  expect(await readResponse(new Response(null, { status: 204 }))).toEqual({ ok: true, value: null })
  expect(await readResponse(Response.json({ code: 'quota' }, { status: 429, ...problem }))).toMatchObject({
    code: 'quota',
  })
  expect(await readResponse(Response.json({ code: 'unauthorized' }, { status: 401, ...problem }))).toEqual(unauthorized)
})

test('S29: reads any 401 as signed out, because a proxy has its own format', async () => {
  const page = '<!doctype html><title>401 Unauthorized</title>'
  expect(await readResponse(new Response(page, { status: 401, headers: { 'content-type': 'text/html' } }))).toEqual(
    unauthorized,
  )
  expect(await readResponse(new Response(null, { status: 401 }))).toEqual(unauthorized)
})

test('throws for other responses that are not of the API', async () => {
  for (const status of [403, 500, 502]) {
    await expect(readResponse(new Response('<html>', { status }))).rejects.toThrow(String(status))
  }
})

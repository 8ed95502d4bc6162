import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { choicesOf } from './choices'
import { sendWithRetries } from './client'
import { Tally } from './tally'

/** Waits long enough for a slow machine. */
const patient = { ...choicesOf(1, 'client'), whole: () => 60_000 }

let close = async (): Promise<void> => {}
afterEach(() => close())

/** Starts a server that sends these responses, one after another. */
async function serve(...responses: ((response: ServerResponse) => unknown)[]) {
  const left = [...responses]
  const server = createServer((request, response) => {
    request.resume()
    left.shift()?.(response)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  close = async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  }
  const url = new URL(`http://localhost:${(server.address() as AddressInfo).port}/x`)
  const tally = new Tally()
  return { tally, send: () => sendWithRetries('step', { method: 'POST', url, body: 'x' }, patient, tally) }
}

const respond =
  (status: number, headers = {}) =>
  (response: ServerResponse) =>
    response.writeHead(status, headers).end('body')

test('returns a rejection without a retry', async () => {
  const { send, tally } = await serve(respond(409))
  expect(await send()).toMatchObject({ status: 409, lost: 0, body: Buffer.from('body') })
  expect(tally.steps.step).toHaveLength(1)
})

test('retries a busy server after its Retry-After', async () => {
  const { send, tally } = await serve(respond(503, { 'retry-after': '1' }), respond(200))
  const startedAt = performance.now()
  expect(await send()).toMatchObject({ status: 200, lost: 0 })
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(999)
  expect(tally.retriesFor).toEqual({ 503: 1 })
})

test('counts a try as lost after a reset, half a response or a server error', async () => {
  const { send, tally } = await serve(
    (response) => response.socket?.resetAndDestroy(),
    (response) => {
      response.writeHead(200, { 'content-length': '100' }).write('half', () => response.socket?.resetAndDestroy())
    },
    respond(500),
    respond(502),
    respond(201),
  )
  expect(await send()).toMatchObject({ status: 201, lost: 4 })
  expect(tally.retries).toBe(4)
})

test('does not retry a request that cannot be sent', async () => {
  const request = { method: 'NOT A METHOD', url: new URL('http://localhost:1/') }
  await expect(sendWithRetries('step', request, patient, new Tally())).rejects.toThrow('Method')
})

import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { choicesOf } from './choices'
import { askPatiently } from './client'
import { Tally } from './tally'

/** Waits for an answer as long as a slow machine takes. */
const patient = { ...choicesOf(1, 'client'), whole: () => 60_000 }

let close = async (): Promise<void> => {}
afterEach(() => close())

/** A server that answers one request after the other so. */
async function serve(...answers: ((response: ServerResponse) => unknown)[]) {
  const left = [...answers]
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
  return { tally, ask: () => askPatiently('step', { method: 'POST', url, body: 'x' }, patient, tally) }
}

const say =
  (status: number, headers = {}) =>
  (response: ServerResponse) =>
    response.writeHead(status, headers).end('said')

test('a refusal is an answer, and is handed on as it is', async () => {
  const { ask, tally } = await serve(say(409))
  expect(await ask()).toMatchObject({ status: 409, lost: 0, body: Buffer.from('said') })
  expect(tally.steps.step).toHaveLength(1)
})

test('a busy server is asked again, no sooner than it says', async () => {
  const { ask, tally } = await serve(say(503, { 'retry-after': '1' }), say(200))
  const beganAt = performance.now()
  expect(await ask()).toMatchObject({ status: 200, lost: 0 })
  expect(performance.now() - beganAt).toBeGreaterThanOrEqual(999)
  expect(tally.retriesFor).toEqual({ 503: 1 })
})

test('a try whose connection is reset, whose answer breaks off, or that fails inside may have been done', async () => {
  const { ask, tally } = await serve(
    (response) => response.socket?.resetAndDestroy(),
    (response) => {
      response.writeHead(200, { 'content-length': '100' }).write('half', () => response.socket?.resetAndDestroy())
    },
    say(500),
    say(502),
    say(201),
  )
  expect(await ask()).toMatchObject({ status: 201, lost: 4 })
  expect(tally.retries).toBe(4)
})

test('a request that cannot be made is a mistake, and not tried again', async () => {
  const request = { method: 'NOT A METHOD', url: new URL('http://localhost:1/') }
  await expect(askPatiently('step', request, patient, new Tally())).rejects.toThrow('Method')
})

import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { choicesOf } from './choices'
import { askPatiently } from './client'
import { Tally } from './tally'

/** Waits long enough for a slow machine. */
const patient = { ...choicesOf(1, 'client'), whole: () => 60_000 }

let close = async (): Promise<void> => {}
afterEach(() => close())

/** Starts a server that gives these answers, one after the other. */
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

test('returns a refusal as the answer', async () => {
  const { ask, tally } = await serve(say(409))
  expect(await ask()).toMatchObject({ status: 409, lost: 0, body: Buffer.from('said') })
  expect(tally.steps.step).toHaveLength(1)
})

test('retries a busy server after its Retry-After', async () => {
  const { ask, tally } = await serve(say(503, { 'retry-after': '1' }), say(200))
  const beganAt = performance.now()
  expect(await ask()).toMatchObject({ status: 200, lost: 0 })
  expect(performance.now() - beganAt).toBeGreaterThanOrEqual(999)
  expect(tally.retriesFor).toEqual({ 503: 1 })
})

test('counts a try as lost after a reset, half an answer or a server error', async () => {
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

test('does not retry a request that cannot be sent', async () => {
  const request = { method: 'NOT A METHOD', url: new URL('http://localhost:1/') }
  await expect(askPatiently('step', request, patient, new Tally())).rejects.toThrow('Method')
})

import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { performance } from 'node:perf_hooks'
import { expect, test } from 'vitest'
import { longestChain, openRequestCounter } from './request-counter'

const from = (startedAt: number, endedAt: number) => ({ startedAt, endedAt })

test.each([
  ['no requests', [], 0],
  ['in parallel', [from(0, 10), from(1, 9), from(2, 12)], 1],
  ['sequential', [from(0, 10), from(10, 20), from(25, 30)], 3],
  ['two parallel groups', [from(0, 10), from(0, 20), from(20, 30), from(21, 30)], 2],
  ['a long request beside a chain', [from(0, 100), from(1, 10), from(10, 20), from(20, 30)], 3],
  ['a request without a response', [from(0, Number.POSITIVE_INFINITY), from(1, 2)], 1],
])('counts the longest chain of requests: %s', (_, requests, length) => {
  expect(longestChain(requests)).toBe(length)
  expect(longestChain(requests.toReversed())).toBe(length)
})

test('forwards requests unchanged, delays them and records them', async () => {
  const server = createServer((request, response) => {
    response.writeHead(201, { 'x-path': request.url })
    request.pipe(response)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const counter = await openRequestCounter(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  const send = () => fetch(`${counter.endpoint}/x?y`, { method: 'PUT', body: 'bytes' })
  try {
    counter.delayMs = 30
    const startedAt = performance.now()
    const responses = await Promise.all([send(), send()])
    // Timers may fire up to a millisecond early.
    expect(performance.now() - startedAt).toBeGreaterThan(28)
    expect(responses.map(({ status }) => status)).toEqual([201, 201])
    expect(responses[0]?.headers.get('x-path')).toBe('/x?y')
    expect(await responses[0]?.text()).toBe('bytes')
    expect([counter.requests.length, longestChain(counter.requests)]).toEqual([2, 1])
    await send()
    expect([counter.requests.length, longestChain(counter.requests)]).toEqual([3, 2])
    await counter.settle()
    counter.reset()
    expect(counter.requests).toEqual([])
  } finally {
    await counter.close()
    server.close()
    server.closeAllConnections()
  }
})

import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { startTcpCounter } from './tcp-counter'

test('forwards bytes unchanged and counts both directions', async () => {
  const server = createServer((request, response) => {
    request.resume()
    request.on('end', () => response.end('y'.repeat(2000)))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const counter = await startTcpCounter((server.address() as AddressInfo).port)
  try {
    const send = () => fetch(counter.url, { method: 'POST', body: 'x'.repeat(1000) })
    expect(await (await send()).text()).toBe('y'.repeat(2000))
    // Both bodies, and two heads of a few hundred bytes each.
    expect(counter.bytes).toBeGreaterThan(3000)
    expect(counter.bytes).toBeLessThan(4500)
    counter.reset()
    expect(counter.bytes).toBe(0)
  } finally {
    await counter.close()
    server.close()
    server.closeAllConnections()
  }
})

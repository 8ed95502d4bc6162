import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { expect, test } from 'vitest'
import { watchConnections } from './connections'

test('S18: answers 408 to a client that does not send its body in time', async () => {
  const connections = watchConnections(200)
  const server = createServer({ connectionsCheckingInterval: 50 }, (request, response) => {
    request.on('end', () => response.end('done')).resume()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  socket.write('POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 10\r\n\r\nhalf')

  const [received] = await once(socket, 'data')
  await once(socket, 'close')

  expect(String(received)).toMatch(/^HTTP\/1\.1 408 /)
  expect(connections.requests()).toBe(0)
  server.close()
})

test('closes the idle connections of each server, also if the metrics server came later', async () => {
  const connections = watchConnections(60_000)
  const openIdle = async () => {
    const server = createServer({ keepAliveTimeout: 60_000 }, (_, response) => response.end('done'))
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
    socket.write('GET / HTTP/1.1\r\nhost: localhost\r\n\r\n')
    await once(socket, 'data')
    return { server, socket }
  }
  const opened = [await openIdle(), await openIdle()]
  await expect.poll(() => connections.requests()).toBe(0)

  connections.closeIdle()

  await expect.poll(() => opened.map(({ socket }) => socket.closed), { timeout: 4_000 }).toEqual([true, true])
  for (const { server } of opened) server.close()
})

import { once } from 'node:events'
import { connect as connectHttp2, type IncomingHttpHeaders } from 'node:http2'
import { connect, type Socket } from 'node:net'
import { afterEach, expect, test, vi } from 'vitest'
import { type Balanced, balance, describeHaproxy, startTestHost, type TestHost } from './test-support/hosts'

vi.setConfig({ testTimeout: 120_000 })

let balanced: Balanced | undefined
const sockets: Socket[] = []

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  await balanced?.end()
  balanced = undefined
})

async function start(env: Record<string, string> = {}): Promise<Balanced & { host: TestHost }> {
  const host = await startTestHost('a')
  balanced = await balance([host], env)
  return { ...balanced, host }
}

/** Sends the head of a request and the start of its body, then one part of the body every half second. */
function drip(url: string, head: string[], beginning = '', part = 'x'): { socket: Socket; received: () => string } {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  let received = ''
  socket.on('data', (data) => {
    received += data
  })
  // HAProxy closes connections that are too slow.
  socket.on('error', () => undefined)
  socket.write(`${[...head, 'host: localhost'].join('\r\n')}\r\n\r\n${beginning}`)
  const timer = setInterval(() => socket.write(part), 500)
  socket.on('close', () => clearInterval(timer))
  sockets.push(socket)
  return { socket, received: () => received }
}

describeHaproxy('slow request bodies', () => {
  test.each([
    ['a POST', ['POST /api/crop HTTP/1.1', 'content-length: 1000'], ''],
    ['a GET', ['GET / HTTP/1.1', 'content-length: 1000'], ''],
    ['a POST that sends 30 kB first', ['POST /upload HTTP/1.1', 'content-length: 32000'], 'x'.repeat(30_000)],
  ])('S38: %s takes no connection to a host until its body is complete', async (_name, head, beginning) => {
    const { url, host } = await start({ HOST_CONNECTIONS: '2' })
    const slow = Array.from({ length: 20 }, () => drip(url, head, beginning))
    await vi.waitFor(() => expect(slow.every(({ socket }) => socket.bytesWritten > beginning.length + 40)).toBe(true))

    for (let index = 0; index < 3; index += 1) expect((await fetch(url)).status).toBe(200)

    expect(host.served.map(({ url: path }) => path)).toEqual(['/', '/', '/'])
  })

  test('S38: a body that takes longer than 10 s gets 408 and does not reach a host', async () => {
    const { url, host } = await start()
    const { socket, received } = drip(url, ['POST /api/crop HTTP/1.1', 'content-length: 1000'])

    await once(socket, 'close')

    expect(received()).toMatch(/^HTTP\/1\.1 408 /)
    expect(host.served).toHaveLength(0)
  })

  test('S38: a chunked body gets 411, because its length is unknown', async () => {
    const { url, host } = await start()
    const { socket, received } = drip(url, ['POST /api/crop HTTP/1.1', 'transfer-encoding: chunked'], '', '1\r\nx\r\n')

    await once(socket, 'data')

    expect(received()).toMatch(/^HTTP\/1\.1 411 /)
    expect(received()).toContain('"code":"invalid_request"')
    expect(host.served).toHaveLength(0)
  })

  test('S38: HTTP/2 bodies without a length do not reach a host while incomplete or too large', async () => {
    const { url, host } = await start()
    const session = connectHttp2(url)
    const slow = session.request({ ':method': 'POST', ':path': '/api/crop' })
    slow.write('x')
    const large = session.request({ ':method': 'POST', ':path': '/api/crop' })
    large.on('error', () => undefined)
    large.end('x'.repeat(60_000))

    const [headers] = (await once(large, 'response')) as [IncomingHttpHeaders]
    session.destroy()

    expect([411, 413]).toContain(headers[':status'])
    expect(host.served).toHaveLength(0)
  })

  test('a body of the maximum size reaches the host, a larger one gets 413', async () => {
    const { url } = await start()

    const response = await fetch(`${url}/api/crop`, { method: 'POST', body: 'x'.repeat(32_768) })

    expect(response.status).toBe(200)
    expect(await response.text()).toBe(`a POST ${'x'.repeat(32_768)}`)
    expect((await fetch(`${url}/api/crop`, { method: 'POST', body: 'x'.repeat(32_769) })).status).toBe(413)
  })
})

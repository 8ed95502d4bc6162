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

interface Dripping {
  socket: Socket
  received: () => string
}

/** Sends the start of a request, then one part every half second. */
function drip(url: string, beginning: string, part = 'x', localAddress?: string): Dripping {
  const socket = connect({ port: Number(new URL(url).port), host: '127.0.0.1', localAddress })
  let received = ''
  socket.on('data', (data) => {
    received += data
  })
  // HAProxy closes connections that are too slow.
  socket.on('error', () => undefined)
  socket.write(beginning)
  const timer = setInterval(() => socket.write(part), 500)
  socket.on('close', () => clearInterval(timer))
  sockets.push(socket)
  return { socket, received: () => received }
}

/** Returns the head of a request. */
const headOf = (...lines: string[]) => `${[...lines, 'host: localhost'].join('\r\n')}\r\n\r\n`

const slowPost = headOf('POST /api/crop HTTP/1.1', 'content-length: 1000')
const slowGet = headOf('GET / HTTP/1.1', 'content-length: 1000')

/** Waits until every client has sent its beginning. */
async function whenSent(slow: Dripping[], beginning: string): Promise<void> {
  await vi.waitFor(() => expect(slow.every(({ socket }) => socket.bytesWritten >= beginning.length)).toBe(true), {
    timeout: 20_000,
  })
}

describeHaproxy('slow clients', () => {
  test.each([
    ['a POST', slowPost],
    ['a GET', slowGet],
    ['a POST that sends 30 kB first', headOf('POST /upload HTTP/1.1', 'content-length: 32000') + 'x'.repeat(30_000)],
    ['a request with incomplete headers', 'GET / HTTP/1.1\r\nhost: localhost\r\nx-slow: '],
  ])('S38: %s takes no connection to a host until it is complete', async (_name, beginning) => {
    const { url, host } = await start({ HOST_CONNECTIONS: '2' })
    const slow = Array.from({ length: 20 }, () => drip(url, beginning))
    await whenSent(slow, beginning)

    for (let index = 0; index < 3; index += 1) expect((await fetch(url)).status).toBe(200)

    expect(host.served.map(({ url: path }) => path)).toEqual(['/', '/', '/'])
  })

  // Other systems have only one IPv4 loopback address.
  test.skipIf(process.platform !== 'linux')(
    'S38: 620 dripping GETs of one client keep no one from a site with the defaults',
    async () => {
      const { url, host } = await start()
      const slow = Array.from({ length: 620 }, () => drip(url, slowGet, 'x', '127.0.0.2'))
      const closed = () => slow.filter(({ socket }) => socket.destroyed).length
      await vi.waitFor(() => expect(closed()).toBe(220), { timeout: 5_000 })

      for (let index = 0; index < 3; index += 1) expect((await fetch(url)).status).toBe(200)

      expect(closed()).toBe(220)
      expect(host.served).toHaveLength(3)
    },
  )

  test('S38: 60 slow POSTs keep no one from three hosts with 20 places each', async () => {
    const hosts = await Promise.all(['a', 'b', 'c'].map((name) => startTestHost(name)))
    balanced = await balance(hosts, { HOST_CONNECTIONS: '20' })
    const { url } = balanced
    const slow = Array.from({ length: 60 }, () => drip(url, slowPost))
    await whenSent(slow, slowPost)

    for (let index = 0; index < 3; index += 1) expect((await fetch(url)).status).toBe(200)

    expect(hosts.map(({ served }) => served.length)).toEqual([1, 1, 1])
  })

  test('S38: headers or bodies that take over 10 s get 408 and reach no host', async () => {
    const { url, host } = await start()
    const slow = [drip(url, 'GET / HTTP/1.1\r\n', 'x-slow: 1\r\n'), drip(url, slowPost)]

    await Promise.all(slow.map(({ socket }) => once(socket, 'close')))

    for (const { received } of slow) expect(received()).toMatch(/^HTTP\/1\.1 408 /)
    expect(host.served).toHaveLength(0)
    // A bound against hanging. Without the time-out, the client drips for ever.
  }, 60_000)

  test('S38: a chunked body gets 411, because its length is unknown', async () => {
    const { url, host } = await start()
    const { socket, received } = drip(
      url,
      headOf('POST /api/crop HTTP/1.1', 'transfer-encoding: chunked'),
      '1\r\nx\r\n',
    )

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

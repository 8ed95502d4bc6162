import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { type Balancer, startBalancer } from './bundled-balancer'

// Long enough for a busy machine.
vi.setConfig({ testTimeout: 30_000 })
const waitOptions = { timeout: 15_000 }

const cleanups: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

/** Expects the headers of a response that the balancer sends itself. */
function expectOwnHeaders({ headers }: Response): void {
  expect(headers.get('content-security-policy')).toContain("default-src 'none'")
  expect(headers.get('x-content-type-options')).toBe('nosniff')
  expect(headers.get('referrer-policy')).toBe('same-origin')
  expect(headers.get('cache-control')).toBe('no-store')
  expect(headers.get('x-served-by')).toBe('balancer')
  expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/)
}

interface TestHost {
  name: string
  port: number
  served: number
  stop(): Promise<void>
  start(): Promise<void>
}

type Handler = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>

/** Starts a host that can be stopped and started again on its port. By default it responds with its name. */
async function startTestHost(name: string, handler?: Handler): Promise<TestHost> {
  let server: Server | undefined
  const host: TestHost = { name, port: 0, served: 0, stop, start }

  async function start(): Promise<void> {
    server = createServer(async (incoming, outgoing) => {
      if (incoming.url === '/livez') {
        outgoing.end()
        return
      }
      host.served++
      if (handler) await handler(incoming, outgoing)
      else outgoing.end(`${name} ${incoming.method} ${await text(incoming)}`)
    })
    server.listen({ port: host.port, host: '127.0.0.1' })
    await once(server, 'listening')
    host.port = (server.address() as AddressInfo).port
  }

  async function stop(): Promise<void> {
    if (!server?.listening) return
    server.close()
    server.closeAllConnections()
    await once(server, 'close')
  }

  await start()
  cleanups.push(stop)
  return host
}

async function balance(hosts: TestHost[]): Promise<{ balancer: Balancer; url: string; lines: string[] }> {
  const lines: string[] = []
  const balancer = await startBalancer({ port: 0, hosts, log: (line) => lines.push(line), pollMilliseconds: 20 })
  cleanups.push(() => balancer.close())
  return { balancer, url: `http://127.0.0.1:${balancer.port}`, lines }
}

async function namesOf(url: string, count: number): Promise<string[]> {
  const names: string[] = []
  for (let index = 0; index < count; index++) {
    const answer = await fetch(url)
    names.push((await answer.text()).split(' ')[0] ?? '')
  }
  return names
}

describe('the rotation', () => {
  test('is strict round robin, also over one connection of the browser', async () => {
    const { url } = await balance([await startTestHost('a'), await startTestHost('b'), await startTestHost('c')])

    expect(await namesOf(url, 6)).toEqual(['a', 'b', 'c', 'a', 'b', 'c'])
  })

  test('leaves out a removed host until it answers /livez', async () => {
    const [a, b] = [await startTestHost('a'), await startTestHost('b')]
    const { balancer, url, lines } = await balance([a, b])
    await b.stop()
    balancer.takeOut('b')

    expect(await namesOf(url, 3)).toEqual(['a', 'a', 'a'])

    await b.start()
    await vi.waitFor(() => expect(lines.at(-1)).toContain('b is up again'), waitOptions)
    expect(new Set(await namesOf(url, 2))).toEqual(new Set(['a', 'b']))
  })

  test('uses a host immediately after takeIn', async () => {
    const { balancer, url } = await balance([await startTestHost('a'), await startTestHost('b')])
    balancer.takeOut('a')
    balancer.takeIn('a')

    expect(await namesOf(url, 2)).toEqual(['a', 'b'])
  })

  test('S39: answers 503 in plain text with Retry-After while no host is up', async () => {
    const only = await startTestHost('only')
    const { url } = await balance([only])
    await only.stop()

    const answer = await fetch(url, { method: 'POST', body: 'x'.repeat(100_000) })
    expect(answer.status).toBe(503)
    expect(answer.headers.get('retry-after')).toBe('2')
    expectOwnHeaders(answer)
    expect(await answer.text()).toMatch(/^No host is up at the moment\..*\n$/)
  })
})

describe('a host that dies', () => {
  test('retries a GET on the next host if a host refuses the connection', async () => {
    const [dead, alive] = [await startTestHost('dead'), await startTestHost('alive')]
    const { url } = await balance([dead, alive])
    await dead.stop()

    expect(await namesOf(url, 2)).toEqual(['alive', 'alive'])
  })

  test('sends a POST once and complete to the next host if a host refuses the connection', async () => {
    const [dead, alive] = [await startTestHost('dead'), await startTestHost('alive')]
    const { url } = await balance([dead, alive])
    await dead.stop()
    const body = 'body '.repeat(200_000)

    const answer = await fetch(url, { method: 'POST', body })

    expect(await answer.text()).toBe(`alive POST ${body}`)
    expect(alive.served).toBe(1)
  })

  test('sends a streamed POST of unknown length complete to the next host', async () => {
    const [dead, alive] = [await startTestHost('dead'), await startTestHost('alive')]
    const { url } = await balance([dead, alive])
    await dead.stop()
    const body = Readable.toWeb(Readable.from(['first ', 'second ', 'third'])) as ReadableStream
    const init: RequestInit & { duplex: 'half' } = { method: 'POST', body, duplex: 'half' }

    const answer = await fetch(url, init)

    expect(await answer.text()).toBe('alive POST first second third')
  })

  test('retries a GET if the host closes the connection before it responds', async () => {
    const broken = await startTestHost('broken', (incoming) => void incoming.socket.destroy())
    const { url, lines } = await balance([broken, await startTestHost('alive')])

    expect(await namesOf(url, 1)).toEqual(['alive'])
    expect(lines.join()).toContain('broken closed the connection during GET /')
  })

  test('S39: answers 502 and does not retry a POST if the host closes the connection', async () => {
    const broken = await startTestHost('broken', (incoming) => void incoming.socket.destroy())
    const alive = await startTestHost('alive')
    const { url } = await balance([broken, alive])

    const answer = await fetch(url, { method: 'POST', body: 'once' })

    expect(answer.status).toBe(502)
    expectOwnHeaders(answer)
    expect(alive.served).toBe(0)
  })

  test('delivers the 502 while the browser is still sending', async () => {
    const broken = await startTestHost('broken', (incoming) => void incoming.once('data', () => incoming.destroy()))
    const { url } = await balance([broken])

    const answer = await fetch(url, { method: 'POST', body: Buffer.alloc(20 * 1024 * 1024) })

    expect(answer.status).toBe(502)
    expect(await answer.text()).toContain('closed the connection')
  })

  test('breaks the connection to the browser if a response is incomplete', async () => {
    const broken = await startTestHost('broken', (incoming, outgoing) => {
      outgoing.write('half of it', () => incoming.socket.destroy())
    })
    const { url } = await balance([broken])

    await expect(fetch(url).then((answer) => answer.text())).rejects.toThrow()
  })
})

describe('forwarding', () => {
  test('passes on status, headers and several cookies, and keeps the connection open', async () => {
    const host = await startTestHost('a', (_incoming, outgoing) => {
      outgoing.writeHead(201, { 'set-cookie': ['one=1', 'two=2'], 'x-served-by': 'a' })
      outgoing.end()
    })
    const { url } = await balance([host])

    const answer = await fetch(url)

    expect(answer.status).toBe(201)
    expect(answer.headers.getSetCookie()).toEqual(['one=1', 'two=2'])
    expect(answer.headers.get('x-served-by')).toBe('a')
    expect(answer.headers.get('connection')).toBe('keep-alive')
  })

  test('replaces the forwarded headers of the client', async () => {
    const host = await startTestHost('a', (incoming, outgoing) => {
      outgoing.end(JSON.stringify(incoming.headers))
    })
    const { balancer, url } = await balance([host])
    const forged = {
      'x-forwarded-host': 'evil.example',
      'x-forwarded-proto': 'https',
      'x-forwarded-for': '203.0.113.9',
      'x-forwarded-port': '443',
      'x-real-ip': '203.0.113.9',
      forwarded: 'host=evil.example',
    }

    const received = await fetch(url, { headers: forged }).then((answer) => answer.json())

    expect(received).toMatchObject({
      host: `127.0.0.1:${balancer.port}`,
      'x-forwarded-host': `127.0.0.1:${balancer.port}`,
      'x-forwarded-proto': 'http',
      'x-forwarded-for': '127.0.0.1',
    })
    expect(JSON.stringify(received)).not.toMatch(/evil|203\.0\.113\.9|443/)
  })

  test('does not buffer a large body: stops reading while the host does not read', async () => {
    const size = 64 * 1024 * 1024
    const { promise: readable, resolve: allowReading } = Promise.withResolvers<void>()
    const host = await startTestHost('slow', async (incoming, outgoing) => {
      await readable
      let received = 0
      for await (const chunk of incoming) received += chunk.length
      outgoing.end(String(received))
    })
    const { balancer } = await balance([host])
    const headers = { 'content-length': size }
    const upload = request({ host: '127.0.0.1', port: balancer.port, method: 'POST', headers })
    const answered = once(upload, 'response')
    Readable.from(chunksOf(size)).pipe(upload)

    const stuckAt = await whenItStopsGrowing(() => upload.socket?.bytesWritten ?? 0)
    expect(stuckAt).toBeGreaterThan(0)
    expect(stuckAt).toBeLessThan(size / 2)

    allowReading()
    const [answer] = await answered
    expect(await text(answer)).toBe(String(size))
  })

  test('streams a response', async () => {
    let finish = () => {}
    const host = await startTestHost('a', (_incoming, outgoing) => {
      outgoing.write('beginning')
      finish = () => outgoing.end(' end')
    })
    const { url } = await balance([host])

    const answer = await fetch(url)
    const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader()
    expect((await reader?.read())?.value).toBe('beginning')
    finish()
    expect((await reader?.read())?.value).toBe(' end')
  })

  test('aborts the request to the host when the browser disconnects', async () => {
    const aborted = vi.fn()
    const { promise: arrival, resolve: arrived } = Promise.withResolvers<void>()
    const host = await startTestHost('a', (_incoming, outgoing) => {
      outgoing.on('close', aborted)
      arrived()
    })
    const { url } = await balance([host])
    const controller = new AbortController()
    const answer = fetch(url, { signal: controller.signal }).catch((error: unknown) => error)
    await arrival

    controller.abort()

    expect(await answer).toMatchObject({ name: 'AbortError' })
    await vi.waitFor(() => expect(aborted).toHaveBeenCalledOnce(), waitOptions)
  })
})

test('rejects a taken port with the port and the option to change it', async () => {
  const other = await startTestHost('other')

  await expect(startBalancer({ port: other.port, hosts: [], log: () => {} })).rejects.toThrow(
    `Port ${other.port} is used by another program. End that program, or choose another port with --port.`,
  )
})

test('close ends open connections', async () => {
  const { balancer } = await balance([await startTestHost('a')])
  const socket = connect(balancer.port, '127.0.0.1')
  await once(socket, 'connect')
  const closed = once(socket.resume(), 'close')

  await balancer.close()

  await closed
})

function* chunksOf(size: number): Generator<Buffer> {
  const chunk = Buffer.alloc(64 * 1024)
  for (let sent = 0; sent < size; sent += chunk.length) yield chunk
}

async function whenItStopsGrowing(read: () => number): Promise<number> {
  let last = -1
  await vi.waitFor(
    () => {
      const now = read()
      const isStill = now > 0 && now === last
      last = now
      expect(isStill).toBe(true)
    },
    { interval: 200, ...waitOptions },
  )
  return last
}

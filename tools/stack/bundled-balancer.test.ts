import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { type Balancer, startBalancer } from './bundled-balancer'

// Generous, for machines that are busy with something else.
vi.setConfig({ testTimeout: 30_000 })
const patiently = { timeout: 15_000 }

const cleanups: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

interface TestHost {
  name: string
  port: number
  served: number
  stop(): Promise<void>
  start(): Promise<void>
}

type Handler = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>

/** A host that can be stopped and started on the same port; it answers its name unless told otherwise. */
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
  test('hosts are asked strictly in turn, also over one open connection of the browser', async () => {
    const { url } = await balance([await startTestHost('a'), await startTestHost('b'), await startTestHost('c')])

    expect(await namesOf(url, 6)).toEqual(['a', 'b', 'c', 'a', 'b', 'c'])
  })

  test('a host taken out gets nothing, and comes back when it answers /livez', async () => {
    const [a, b] = [await startTestHost('a'), await startTestHost('b')]
    const { balancer, url, lines } = await balance([a, b])
    await b.stop()
    balancer.takeOut('b')

    expect(await namesOf(url, 3)).toEqual(['a', 'a', 'a'])

    await b.start()
    await vi.waitFor(() => expect(lines.at(-1)).toContain('b is back'), patiently)
    expect(new Set(await namesOf(url, 2))).toEqual(new Set(['a', 'b']))
  })

  test('a host that is known to be back is asked at once', async () => {
    const { balancer, url } = await balance([await startTestHost('a'), await startTestHost('b')])
    balancer.takeOut('a')
    balancer.takeIn('a')

    expect(await namesOf(url, 2)).toEqual(['a', 'b'])
  })

  test('without any host the answer is a 503 in plain words that says when to come again', async () => {
    const only = await startTestHost('only')
    const { url } = await balance([only])
    await only.stop()

    const answer = await fetch(url, { method: 'POST', body: 'x'.repeat(100_000) })
    expect(answer.status).toBe(503)
    expect(answer.headers.get('retry-after')).toBe('2')
    expect(await answer.text()).toMatch(/^No host is up at the moment\..*\n$/)
  })
})

describe('a host that dies', () => {
  test('a GET that is refused is answered by the next host', async () => {
    const [dead, alive] = [await startTestHost('dead'), await startTestHost('alive')]
    const { url } = await balance([dead, alive])
    await dead.stop()

    expect(await namesOf(url, 2)).toEqual(['alive', 'alive'])
  })

  test('a POST that is refused arrives whole at the next host, once', async () => {
    const [dead, alive] = [await startTestHost('dead'), await startTestHost('alive')]
    const { url } = await balance([dead, alive])
    await dead.stop()
    const body = 'body '.repeat(200_000)

    const answer = await fetch(url, { method: 'POST', body })

    expect(await answer.text()).toBe(`alive POST ${body}`)
    expect(alive.served).toBe(1)
  })

  test('a streamed POST of unknown length that is refused arrives whole at the next host', async () => {
    const [dead, alive] = [await startTestHost('dead'), await startTestHost('alive')]
    const { url } = await balance([dead, alive])
    await dead.stop()
    const body = Readable.toWeb(Readable.from(['first ', 'second ', 'third'])) as ReadableStream
    const init: RequestInit & { duplex: 'half' } = { method: 'POST', body, duplex: 'half' }

    const answer = await fetch(url, init)

    expect(await answer.text()).toBe('alive POST first second third')
  })

  test('a GET whose host breaks off before it answers goes to the next host', async () => {
    const broken = await startTestHost('broken', (incoming) => void incoming.socket.destroy())
    const { url, lines } = await balance([broken, await startTestHost('alive')])

    expect(await namesOf(url, 1)).toEqual(['alive'])
    expect(lines.join()).toContain('broken broke off GET /')
  })

  test('a POST whose host breaks off is not done twice: the answer is a 502', async () => {
    const broken = await startTestHost('broken', (incoming) => void incoming.socket.destroy())
    const alive = await startTestHost('alive')
    const { url } = await balance([broken, alive])

    const answer = await fetch(url, { method: 'POST', body: 'once' })

    expect(answer.status).toBe(502)
    expect(alive.served).toBe(0)
  })

  test('the 502 arrives also while the browser is still sending', async () => {
    const broken = await startTestHost('broken', (incoming) => void incoming.once('data', () => incoming.destroy()))
    const { url } = await balance([broken])

    const answer = await fetch(url, { method: 'POST', body: Buffer.alloc(20 * 1024 * 1024) })

    expect(answer.status).toBe(502)
    expect(await answer.text()).toContain('broke off')
  })

  test('an answer that breaks off in the middle is seen as broken, not as complete', async () => {
    const broken = await startTestHost('broken', (incoming, outgoing) => {
      outgoing.write('half of it', () => incoming.socket.destroy())
    })
    const { url } = await balance([broken])

    await expect(fetch(url).then((answer) => answer.text())).rejects.toThrow()
  })
})

describe('what passes through', () => {
  test('status, headers and several cookies reach the browser, and its connection stays open', async () => {
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

  test('forwarded headers say what the balancer saw, never what a client claims', async () => {
    const host = await startTestHost('a', (incoming, outgoing) => {
      outgoing.end(JSON.stringify(incoming.headers))
    })
    const { balancer, url } = await balance([host])
    const claims = {
      'x-forwarded-host': 'evil.example',
      'x-forwarded-proto': 'https',
      'x-forwarded-for': '203.0.113.9',
      'x-forwarded-port': '443',
      'x-real-ip': '203.0.113.9',
      forwarded: 'host=evil.example',
    }

    const seen = await fetch(url, { headers: claims }).then((answer) => answer.json())

    expect(seen).toMatchObject({
      host: `127.0.0.1:${balancer.port}`,
      'x-forwarded-host': `127.0.0.1:${balancer.port}`,
      'x-forwarded-proto': 'http',
      'x-forwarded-for': '127.0.0.1',
    })
    expect(JSON.stringify(seen)).not.toMatch(/evil|203\.0\.113\.9|443/)
  })

  test('a large body is not buffered: while the host does not read, the balancer stops reading too', async () => {
    const size = 64 * 1024 * 1024
    let letRead = () => {}
    const mayRead = new Promise<void>((resolve) => {
      letRead = resolve
    })
    const host = await startTestHost('slow', async (incoming, outgoing) => {
      await mayRead
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

    letRead()
    const [answer] = await answered
    expect(await text(answer)).toBe(String(size))
  })

  test('an answer streams: its beginning is there while its end is not', async () => {
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

  test('when the browser goes away, so does the request to the host', async () => {
    const aborted = vi.fn()
    let arrived = () => {}
    const arrival = new Promise<void>((resolve) => {
      arrived = resolve
    })
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
    await vi.waitFor(() => expect(aborted).toHaveBeenCalledOnce(), patiently)
  })
})

test('a port that is taken is a sentence that names it and the option', async () => {
  const other = await startTestHost('other')

  await expect(startBalancer({ port: other.port, hosts: [], log: () => {} })).rejects.toThrow(
    `Port ${other.port} is taken by another program: end that one, or choose another port with --port.`,
  )
})

test('closing ends connections that are still open', async () => {
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
    { interval: 200, ...patiently },
  )
  return last
}

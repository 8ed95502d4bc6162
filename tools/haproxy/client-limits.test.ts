import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { type IncomingMessage, request } from 'node:http'
import { connect as connectHttp2, type IncomingHttpHeaders } from 'node:http2'
import { connect, type Socket } from 'node:net'
import { join, relative } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, test, vi } from 'vitest'
import { projectDirectory } from '@/tools/process/project'
import { type Balanced, balance, describeHaproxy, startTestHost, type TestHost } from './test-support/hosts'

// Long enough for a busy machine.
vi.setConfig({ testTimeout: 120_000 })

const waitOptions = { timeout: 30_000, interval: 50 }

let balanced: Balanced | undefined
const sockets: Socket[] = []

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  await balanced?.end()
  balanced = undefined
})

async function start(env: Record<string, string> = {}): Promise<Balanced & { host: TestHost }> {
  const host = await startTestHost('a', (incoming, outgoing) => {
    // Sign-in sets a session; so does a write with an older session that the host renews.
    const session = signsIn(incoming) ? 'new' : incoming.headers.cookie?.includes('old') ? 'renewed' : undefined
    if (session) outgoing.setHeader('set-cookie', ['theme=dark; Path=/', `session=${session}; Path=/; HttpOnly`])
    if (incoming.url === '/sign-out') outgoing.setHeader('set-cookie', 'session=; Path=/; Max-Age=0')
    outgoing.writeHead(incoming.url?.includes('missing') ? 404 : 200).end()
  })
  balanced = await balance([host], env)
  return { ...balanced, host }
}

const signsIn = ({ url, headers }: IncomingMessage) =>
  url === '/api/session/guest' || headers['next-action'] === 'sign-in' || url === '/form'

/** Sends this many requests, eight at a time, and returns how many responses had each status. */
async function sendMany(count: number, send: () => Promise<Response>): Promise<Record<number, number>> {
  const statuses: Record<number, number> = {}
  let left = count
  const lanes = Array.from({ length: 8 }, async () => {
    while (left-- > 0) {
      const response = await send()
      await response.arrayBuffer()
      statuses[response.status] = (statuses[response.status] ?? 0) + 1
    }
  })
  await Promise.all(lanes)
  return statuses
}

describeHaproxy('reads', () => {
  test('S40: over 1,200 per minute get `busy`; static and public files do not count', async () => {
    const { url } = await start()
    const page = () => fetch(`${url}/gallery`)
    expect(await sendMany(100, () => fetch(`${url}/_next/static/chunks/a.js`))).toEqual({ 200: 100 })
    expect(await sendMany(100, () => fetch(`${url}/icon.svg`))).toEqual({ 200: 100 })
    expect(await sendMany(1_200, page)).toEqual({ 200: 1_200 })

    const rejected = await page()

    expect(rejected.status).toBe(503)
    expect(rejected.headers.get('retry-after')).toBe('10')
    expect(await rejected.text()).toContain('This page reloads by itself.')
    const api = await fetch(`${url}/api/images`)
    expect(await api.json()).toMatchObject({ code: 'busy', status: 503 })
    for (const path of ['/%67allery', '/nowhere', '/livez', '/_next/data/x', '/%5fnext/static/a.js', '/icon.svg/..x']) {
      expect((await fetch(url + path)).status, path).toBe(503)
    }
    for (const path of ['/_next/static/chunks/a.js', '/icon.svg']) expect((await fetch(url + path)).status).toBe(200)
    expect((await fetch(`${url}/api/uploads`, { method: 'POST', body: '{}' })).status).toBe(200)
  })

  test('S40: missing static files over READS_PER_MINUTE get `busy`', async () => {
    const { url, host } = await start({ READS_PER_MINUTE: '5' })
    expect(await sendMany(5, () => fetch(`${url}/_next/static/missing.js`))).toEqual({ 404: 5 })
    const before = host.served.length

    expect((await fetch(`${url}/_next/static/missing.js`)).status).toBe(503)

    expect(host.served).toHaveLength(before)
    expect((await fetch(`${url}/gallery`)).status).toBe(200)
  })

  test('S40: the public files are those of public/', async () => {
    const { url } = await start({ READS_PER_MINUTE: '1' })
    expect((await fetch(url)).status).toBe(200)
    const entries = await readdir(join(projectDirectory, 'public'), { recursive: true, withFileTypes: true })
    const files = entries
      .filter((entry) => entry.isFile())
      .map((entry) => relative(join(projectDirectory, 'public'), join(entry.parentPath, entry.name)))
    expect(files.length).toBeGreaterThan(5)

    for (const file of files) expect((await fetch(`${url}/${file}`)).status, file).toBe(200)

    // Only reads of them are exempt from limits.
    expect((await fetch(`${url}/nowhere`)).status).toBe(503)
  })

  test('S40: writes to the addresses of static and public files count as writes', async () => {
    const { url } = await start({ WRITES_PER_MINUTE: '2' })
    const write = (path: string) => fetch(url + path, { method: 'POST', body: '{}' })

    for (const path of ['/icon.svg', '/_next/static/a.js']) expect((await write(path)).status).toBe(200)

    for (const path of ['/icon.svg', '/_next/static/a.js']) expect((await write(path)).status).toBe(503)
  })
})

describeHaproxy('new guests', () => {
  const guest = (url: string, cookie?: string) =>
    fetch(`${url}/api/session/guest`, { method: 'POST', ...(cookie && { headers: { cookie } }) })
  const byAction = (url: string, path = '/upload') =>
    fetch(url + path, { method: 'POST', body: '[]', headers: { 'next-action': 'sign-in' } })
  const sessionOf = (response: Response) => response.headers.getSetCookie().find((cookie) => /session=./.test(cookie))

  test('S40: over 100 per hour get `too_many_guests`, however they sign in', async () => {
    const { url } = await start()
    expect(await sendMany(50, () => guest(url))).toEqual({ 200: 50 })
    expect(await sendMany(50, () => byAction(url))).toEqual({ 200: 50 })

    const rejected = [
      await guest(url),
      await byAction(url),
      await byAction(url, '/crop/x'),
      await byAction(url, '/form'),
    ]

    for (const response of rejected) {
      expect(response.status).toBe(429)
      expect(response.headers.get('retry-after')).toBe('3600')
      expect(response.headers.getSetCookie()).toEqual([])
      expect(await response.json()).toMatchObject({ code: 'too_many_guests', status: 429 })
    }
    expect(rejected.map(({ headers }) => headers.get('content-type'))).toEqual([
      'application/problem+json',
      'text/plain',
      'text/plain',
      'text/plain',
    ])
  })

  test('S40: over the limit, a client with a forged session gets no new one', async () => {
    const { url } = await start({ NEW_GUESTS_PER_HOUR: '1' })
    expect(sessionOf(await guest(url))).toContain('session=new')

    for (const cookie of ['session=forged', '__Host-session=forged', 'a=b; session=x']) {
      expect(sessionOf(await guest(url, cookie)), cookie).toBeUndefined()
    }
  })

  test('over the limit, people with a session keep it and can do everything', async () => {
    const { url } = await start({ NEW_GUESTS_PER_HOUR: '1' })
    await guest(url)

    const renewed = await fetch(`${url}/api/images`, { method: 'POST', headers: { cookie: 'session=old' } })
    const signedOut = await fetch(`${url}/sign-out`, { method: 'POST', headers: { cookie: 'session=x' } })
    const page = await fetch(`${url}/gallery`)

    expect([renewed.status, renewed.headers.getSetCookie()]).toEqual([200, []])
    expect(signedOut.headers.getSetCookie()).toEqual(['session=; Path=/; Max-Age=0'])
    expect(page.status).toBe(200)
  })

  test('S40: count per client address', async () => {
    const { url } = await start({ NEW_GUESTS_PER_HOUR: '1', TRUSTED_PROXIES: '127.0.0.1' })
    const from = async (address: string) =>
      (await fetch(`${url}/api/session/guest`, { method: 'POST', headers: { 'x-forwarded-for': address } })).status

    expect([await from('203.0.113.1'), await from('203.0.113.1')]).toEqual([200, 429])
    expect([await from('2001:db8::1'), await from('2001:db8::2')]).toEqual([200, 429])
    expect(await from('2001:db8:0:1::1')).toBe(200)
  })
})

describeHaproxy('connections', () => {
  /** Opens a connection from a loopback address, and sends nothing. */
  function open(url: string, localAddress = '127.0.0.1'): Socket {
    const socket = connect({ port: Number(new URL(url).port), host: '127.0.0.1', localAddress })
    socket.on('error', () => undefined)
    sockets.push(socket)
    return socket
  }

  async function respondsTo(url: string, localAddress: string): Promise<boolean> {
    const sent = request(url, { localAddress, agent: false }).end()
    return new Promise((resolve) => {
      sent.once('error', () => resolve(false))
      sent.once('response', (response) => resolve(response.resume().statusCode === 200))
    })
  }

  // Other systems have only one IPv4 loopback address.
  test.skipIf(process.platform !== 'linux')(
    'S40: over 400 of one client are closed at once; other clients are served',
    async () => {
      const { url } = await start()
      const opened = Array.from({ length: 450 }, () => open(url, '127.0.0.2'))

      await vi.waitFor(() => expect(opened.filter((socket) => socket.destroyed)).toHaveLength(50), waitOptions)

      expect(await respondsTo(url, '127.0.0.2')).toBe(false)
      expect(await respondsTo(url, '127.0.0.1')).toBe(true)
      for (const socket of opened) socket.destroy()
      await vi.waitFor(async () => expect(await respondsTo(url, '127.0.0.2')).toBe(true), waitOptions)
    },
  )

  test('S40: requests at once over HTTP/2 are limited like connections', async () => {
    const { url } = await start({ CONNECTIONS_PER_CLIENT: '10', TRUSTED_PROXIES: '127.0.0.1' })
    const session = connectHttp2(url)
    const sendSlow = (address: string) =>
      session.request({ ':method': 'POST', ':path': '/upload', 'content-length': 10, 'x-forwarded-for': address })
    const slow = Array.from({ length: 10 }, () => sendSlow('203.0.113.1'))
    for (const stream of slow) stream.write('x')
    await sleep(200)

    const [rejected] = (await once(sendSlow('203.0.113.1'), 'response')) as [IncomingHttpHeaders]
    const other = session.request({ ':path': '/', 'x-forwarded-for': '203.0.113.2' })
    const [served] = (await once(other, 'response')) as [IncomingHttpHeaders]
    session.destroy()

    expect(rejected[':status']).toBe(503)
    expect(served[':status']).toBe(200)
  })

  test('of a trusted CDN are not limited', async () => {
    const { url } = await start({ CONNECTIONS_PER_CLIENT: '2', TRUSTED_PROXIES: '127.0.0.0/8' })
    const opened = [open(url), open(url), open(url), open(url)]
    await sleep(200)

    expect(opened.filter((socket) => socket.destroyed)).toEqual([])
    expect(await respondsTo(url, '127.0.0.1')).toBe(true)
  })
})

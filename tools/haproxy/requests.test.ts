import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { afterEach, expect, test, vi } from 'vitest'
import {
  announceBody,
  type Balanced,
  balance,
  describeHaproxy,
  startTestHost,
  type TestHost,
} from './test-support/hosts'

// Long enough for a busy machine.
vi.setConfig({ testTimeout: 120_000 })
const waitOptions = { timeout: 60_000, interval: 50 }

let balanced: Balanced | undefined

afterEach(async () => {
  await balanced?.end()
  balanced = undefined
})

async function start(env: Record<string, string> = {}): Promise<Balanced & { host: TestHost }> {
  const host = await startTestHost('a')
  balanced = await balance([host], env)
  return { ...balanced, host }
}

const post = (url: string, headers: Record<string, string> = {}) => fetch(url, { method: 'POST', body: '{}', headers })

describeHaproxy('a request to a host', () => {
  test('has no forged address, host, scheme or request id of the client', async () => {
    const { url, host } = await start()
    const forged = {
      'x-forwarded-for': '203.0.113.9',
      'x-forwarded-host': 'evil.example',
      'x-forwarded-proto': 'gopher',
      'x-forwarded-port': '1',
      'x-real-ip': '203.0.113.9',
      forwarded: 'for=203.0.113.9;host=evil.example',
      'x-request-id': 'an-id-of-the-client',
    }

    const answer = await fetch(url, { headers: forged })

    const headers = host.served[0]?.headers
    expect(headers).toMatchObject({
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-host': new URL(url).host,
      'x-forwarded-proto': 'http',
    })
    for (const name of ['x-forwarded-port', 'x-real-ip', 'forwarded']) expect(headers).not.toHaveProperty(name)
    const requestId = headers?.['x-request-id']
    expect(requestId).toMatch(/^[0-9a-f-]{36}$/)
    expect(answer.headers.get('x-request-id')).toBe(requestId)
  })

  test('S29: has the token that a proxy in front of HAProxy has added', async () => {
    const { url, host } = await start()
    const token = `${'e'.repeat(100)}.${'y'.repeat(2000)}==.${'s'.repeat(340)}`
    const headers = { OIDC_id_token: token, 'x-amzn-oidc-data': token, authorization: `Bearer ${token}` }

    expect((await fetch(url, { headers })).status).toBe(200)

    expect(host.served[0]?.headers).toMatchObject({
      oidc_id_token: token,
      'x-amzn-oidc-data': token,
      authorization: `Bearer ${token}`,
    })
  })

  test('does not ask for another protocol, for which a host would close the connection', async () => {
    const { url, host } = await start()
    const { hostname, port } = new URL(url)
    const asked = request({ hostname, port, agent: false, headers: { connection: 'upgrade', upgrade: 'other' } })

    const [response] = (await once(asked.end(), 'response')) as [IncomingMessage]

    expect(response.resume().statusCode).toBe(200)
    expect(host.served[0]?.headers).not.toHaveProperty('upgrade')
  })

  test('has the client address and scheme from a trusted CDN', async () => {
    const { url, host } = await start({ TRUSTED_PROXIES: '192.0.2.0/24 127.0.0.0/8', PUBLIC_SCHEME: 'https' })

    const answer = await fetch(url, { headers: { 'x-forwarded-for': '203.0.113.1, 203.0.113.9' } })

    expect(host.served[0]?.headers).toMatchObject({ 'x-forwarded-for': '203.0.113.9', 'x-forwarded-proto': 'https' })
    expect(answer.headers.get('strict-transport-security')).toBe('max-age=31536000')
  })

  test('is rejected with 413 before its body is sent if the body is too large', async () => {
    const { url, host } = await start({ MAX_BODY_BYTES: '1000' })

    const answer = await announceBody(`${url}/api/uploads`, 1001)

    expect(answer.statusCode).toBe(413)
    expect(answer.headers['content-type']).toBe('application/problem+json')
    expect(host.served).toHaveLength(0)
    expect((await fetch(url, { method: 'POST', body: 'x'.repeat(1000) })).status).toBe(200)
  })
})

/** Sends a path as it is. `fetch` would resolve its dot segments. */
async function sendRaw(url: string, method: string, path: string): Promise<IncomingMessage> {
  const { hostname, port } = new URL(url)
  const [response] = (await once(request({ hostname, port, method, path, agent: false }).end(), 'response')) as [
    IncomingMessage,
  ]
  return response.resume()
}

describeHaproxy('the limits', () => {
  const crop = '/api/crop'

  test.each([
    '/api/x/../crop',
    '/api/./crop',
    '/api/x/%2e%2e/crop',
    '/api/x/%2E./crop',
    '/api/x/..',
    '/api/x\\..\\crop',
  ])('S40: rejects the path %s, which would evade them', async (path) => {
    const { url, host } = await start()

    const response = await sendRaw(url, 'POST', path)

    expect(response.statusCode).toBe(400)
    expect(response.headers['content-type']).toBe('application/problem+json')
    expect(host.served).toHaveLength(0)
  })

  test.each(['/...', '/a..b/.c', '/photo.jpg', '/?next=/../x'])('accepts the path %s', async (path) => {
    const { url } = await start()
    expect((await sendRaw(url, 'GET', path)).statusCode).toBe(200)
  })

  test('S39: answers 405 to methods that no route has', async () => {
    const { url, host } = await start()

    const responses = await Promise.all(['TRACE', 'PROPFIND'].map((method) => sendRaw(url, method, '/')))

    expect(responses.map(({ statusCode }) => statusCode)).toEqual([405, 405])
    expect(host.served).toHaveLength(0)
  })

  test('S40: crops over CROPS_PER_MINUTE get the `busy` problem; other requests pass', async () => {
    const { url, host } = await start({ CROPS_PER_MINUTE: '3' })
    const statuses = []
    for (let turn = 0; turn < 3; turn++) statuses.push((await post(url + crop)).status)

    const rejected = await post(url + crop)

    expect(statuses).toEqual([200, 200, 200])
    expect(rejected.status).toBe(503)
    expect(rejected.headers.get('retry-after')).toBe('10')
    expect(rejected.headers.get('content-type')).toBe('application/problem+json')
    expect(await rejected.json()).toMatchObject({ type: 'about:blank', status: 503, code: 'busy' })
    // The same route with an encoded letter.
    expect((await post(`${url}/api/%63rop`)).status).toBe(503)
    expect(host.served).toHaveLength(3)
    for (const other of ['/api/uploads', '/api/images', '/upload']) expect((await post(url + other)).status).toBe(200)
    expect((await fetch(url + crop)).status).toBe(200)
  })

  test('S40: writes over WRITES_PER_MINUTE are rejected; reads and crops pass', async () => {
    const { url } = await start({ WRITES_PER_MINUTE: '3' })
    const action = { 'next-action': '1' }
    for (const path of ['/api/uploads', '/upload', '/api/images']) expect((await post(url + path)).status).toBe(200)

    const upload = await post(`${url}/api/uploads`)
    const started = await post(`${url}/upload`, action)

    expect([upload.status, started.status]).toEqual([503, 503])
    expect(await upload.json()).toMatchObject({ code: 'busy' })
    // Next's client passes only this content type on to the page.
    expect(started.headers.get('content-type')).toBe('text/plain')
    expect(await started.json()).toMatchObject({ code: 'busy' })
    expect((await fetch(`${url}/api/images/1`, { method: 'DELETE' })).status).toBe(503)
    expect((await fetch(`${url}/gallery`)).status).toBe(200)
    expect((await post(url + crop)).status).toBe(200)
  })

  test('count per IPv4 address and per IPv6 /64', async () => {
    const { url } = await start({ CROPS_PER_MINUTE: '1', TRUSTED_PROXIES: '127.0.0.1' })
    const from = async (address: string) => (await post(url + crop, { 'x-forwarded-for': address })).status

    expect([await from('203.0.113.1'), await from('203.0.113.1')]).toEqual([200, 503])
    expect([await from('203.0.113.2'), await from('203.0.113.2')]).toEqual([200, 503])
    expect([await from('2001:db8::1'), await from('2001:db8::ffff')]).toEqual([200, 503])
    expect(await from('2001:db8:0:1::1')).toBe(200)
  })
})

describeHaproxy('the log', () => {
  test('S35: contains host, id, path and times of each request, but no cookie or query', async () => {
    const { url, lines, logged } = await start()

    const answer = await post(`${url}/api/%22images%22?token=query-secret`, { cookie: 'session=cookie-secret' })

    const id = answer.headers.get('x-request-id')
    await vi.waitFor(() => expect(logged(id)).toBeDefined(), waitOptions)
    expect(logged(id)).toMatchObject({
      level: 30,
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      requestId: id,
      client: '127.0.0.1',
      method: 'POST',
      path: '/api/%22images%22',
      status: 200,
      host: 'host-1',
      queueMs: expect.any(Number),
      connectMs: expect.any(Number),
      hostMs: expect.any(Number),
      totalMs: expect.any(Number),
    })
    expect(lines.join('\n')).not.toContain('secret')
  })
})

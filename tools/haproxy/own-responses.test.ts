import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { type IncomingMessage, request } from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type ErrorCode, errorTable } from '@/lib/result'
import { configFile } from './start-haproxy'
import { type Balanced, balance, describeHaproxy, startTestHost } from './test-support/hosts'

// Long enough for a busy machine.
vi.setConfig({ testTimeout: 120_000 })

let balanced: Balanced | undefined

afterEach(async () => {
  await balanced?.end()
  balanced = undefined
})

interface Sent {
  method?: string
  path?: string
  headers?: Record<string, string>
  /** Content after the head. */
  body?: string
}

/** Sends a request as it is. `fetch` would refuse some. */
async function send(url: string, { method = 'GET', path = '/', headers = {}, body = '' }: Sent) {
  const { hostname, port } = new URL(url)
  const sent = request({ hostname, port, method, path, headers, agent: false })
  sent.on('error', () => undefined)
  sent.flushHeaders()
  if (body) sent.write(body)
  if (!Number(headers['content-length'])) sent.end()
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  return { status: response.statusCode, headers: response.headers, body: await text(response) }
}

/** The requests that HAProxy answers itself. Each is also sent to the API. */
const rejected: [status: number, name: string, code: ErrorCode, sent: Sent][] = [
  [400, 'dot segments', 'invalid_request', { path: '/a/../b' }],
  [405, 'an unknown method', 'invalid_request', { method: 'TRACE' }],
  [408, 'a body that takes too long', 'invalid_request', { headers: { 'content-length': '10' }, body: 'x' }],
  [411, 'a body of unknown length', 'invalid_request', { headers: { 'transfer-encoding': 'chunked' }, body: 'x' }],
  [413, 'a body over the limit', 'too_large', { headers: { 'content-length': '40000' } }],
  [431, 'headers over the limit', 'invalid_request', { headers: { cookie: `other=${'x'.repeat(20_000)}` } }],
  [431, 'an address over the limit', 'invalid_request', { path: `/${'x'.repeat(20_000)}` }],
  [
    502,
    'a host that breaks off',
    'internal',
    { path: '/breaks-off', method: 'POST', headers: { 'content-length': '0' } },
  ],
  [503, 'a client over its limit', 'busy', { path: '/limited', method: 'POST', headers: { 'content-length': '0' } }],
]

describeHaproxy('a response of the balancer itself', () => {
  let url: string
  beforeEach(async () => {
    const host = await startTestHost('a', (incoming, outgoing) => {
      if (incoming.url?.endsWith('/breaks-off')) incoming.socket.destroy()
      else outgoing.end()
    })
    balanced = await balance([host], { WRITES_PER_MINUTE: '1' })
    url = balanced.url
  })

  test.each(rejected)('S39: %i (%s) has the security headers, ids and code', async (status, _name, code, sent) => {
    if (sent.path === '/limited') await send(url, sent)
    const api = { ...sent, path: `/api${sent.path ?? '/images'}` }
    // Other methods get no page.
    const isRead = (sent.method ?? 'GET') === 'GET'

    const [response, ...others] = await Promise.all([send(url, api), ...(isRead ? [send(url, sent)] : [])])

    expect(JSON.parse(response.body)).toEqual({ type: 'about:blank', title: expect.any(String), code, status })
    expect(response.headers['content-type']).toBe('application/problem+json')
    for (const page of others) {
      expect(page.headers['content-type']).toBe('text/html; charset=utf-8')
      expect(page.body).toContain(`Code: ${code}, ${status}.`)
      expect(page.body).toContain(page.headers['x-request-id'])
      expect(page.body).toContain(JSON.parse(response.body).title)
    }
    for (const answer of [response, ...others]) {
      expect(answer.status).toBe(status)
      expect(answer.headers).toMatchObject({
        'x-served-by': 'balancer',
        'x-request-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
        'content-security-policy': expect.stringMatching(/^default-src 'none'; .*frame-ancestors 'none'$/),
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'same-origin',
        'permissions-policy': expect.stringContaining('camera=()'),
        'cache-control': 'no-store',
      })
      expect(answer.headers).not.toHaveProperty('strict-transport-security')
    }
  })

  test('S39: is text for a server action, which Next passes on to the page', async () => {
    const action = { method: 'POST', path: '/upload' }
    const tooLarge = await send(url, { ...action, headers: { 'next-action': '1', 'content-length': '40000' } })
    const headers = await send(url, { ...action, headers: { 'next-action': '1', cookie: 'x'.repeat(20_000) } })

    expect([tooLarge.headers['content-type'], headers.headers['content-type']]).toEqual(['text/plain', 'text/plain'])
    expect(JSON.parse(tooLarge.body)).toMatchObject({ code: 'too_large' })
    expect(JSON.parse(headers.body)).toMatchObject({ code: 'invalid_request' })
  })

  test('says which cookies to delete if there are too many', async () => {
    const { body } = await send(url, { headers: { cookie: `other=${'x'.repeat(20_000)}` } })
    expect(body).toContain('delete those of this site, except for the one whose name ends with session')
  })

  test('S39: to bytes that are not HTTP is 400, and closes the connection', async () => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    socket.write('GARBAGE\r\n\r\n')
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 400 /)
  })
})

describeHaproxy('headers of the largest size that the balancer passes on', () => {
  test('S39: are accepted by a host with the default limit of Node', async () => {
    const host = await startTestHost('a')
    balanced = await balance([host])
    const { url } = balanced
    const statuses = new Set<number | undefined>()
    // Around the limit: the head without the cookie has a few hundred bytes.
    for (let bytes = 15_500; bytes < 16_500; bytes += 50) {
      const { status, headers, body } = await send(url, { headers: { cookie: 'x'.repeat(bytes) } })
      statuses.add(status)
      expect(headers['x-served-by']).toBe(status === 200 ? 'a' : 'balancer')
      // A host's own 431 has no page.
      if (status === 431) expect(body).toContain('too many cookies')
    }
    expect(statuses).toEqual(new Set([200, 431]))
  })
})

describeHaproxy('a response of a host', () => {
  test('S39: keeps its own headers', async () => {
    const own = { 'content-security-policy': "default-src 'self'", 'cache-control': 'public', 'content-type': 'a/b' }
    balanced = await balance([await startTestHost('a', (_incoming, outgoing) => outgoing.writeHead(200, own).end())])

    const { headers } = await send(balanced.url, {})

    expect(headers).toMatchObject(own)
    expect(headers).not.toHaveProperty('permissions-policy')
  })
})

describe('deploy/haproxy.cfg', () => {
  test('answers with codes, statuses and sentences of lib/result.ts', async () => {
    const config = await readFile(configFile, 'utf8')
    const answers = Array.from(
      config.matchAll(
        /status (\d+) .*\(txn\.(?:fail|wait)\)\](.+?)%\[var\(txn\.code\)\](\w+)%\[var\(txn\.status\)\](\d+)%/g,
      ),
      ([, status, sentence, code, shown]) => ({ status: Number(status), sentence, code, shown: Number(shown) }),
    )
    expect(answers.length).toBeGreaterThan(10)
    // All answers have this form.
    expect(config.match(/application\/problem\+json lf-string/g)).toHaveLength(answers.length)
    // Failures of a host that it cannot report itself.
    const ofBalancer: Record<number, string> = { 502: 'internal', 504: 'internal' }
    for (const { status, sentence, code, shown } of answers) {
      expect(shown).toBe(status)
      expect(Object.keys(errorTable)).toContain(code)
      const known = errorTable[code as ErrorCode]
      // A status and a sentence for each wrong form.
      if (code === 'invalid_request') {
        expect([400, 405, 408, 411, 431]).toContain(status)
        continue
      }
      expect(sentence).toBe(known.sentence)
      if (status !== known.status) expect(ofBalancer[status]).toBe(code)
    }
  })
})

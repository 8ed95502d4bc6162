import { once } from 'node:events'
import { request as send } from 'node:http'
import { type SmallStack, test } from '@/e2e/small-stack'
import { expect } from '@/e2e/test'

interface Answer {
  status: number
  /** Alternating names and values, as received. */
  rawHeaders: string[]
  headers: Record<string, string | string[] | undefined>
  body: string
}

/** Sends one request to a host, without the balancer and without changes to the path. */
async function ask({ processes }: SmallStack, request: string, headers = {}, body?: string): Promise<Answer> {
  const [method, path] = request.split(' ') as [string, string]
  const sent = send({ host: '127.0.0.1', port: processes[0]?.port, method, path, headers }).end(body)
  const [response] = await once(sent, 'response')
  let text = ''
  for await (const chunk of response.setEncoding('utf8')) text += chunk
  return { status: response.statusCode, rawHeaders: response.rawHeaders, headers: response.headers, body: text }
}

const everywhere = [
  'x-served-by',
  'x-request-id',
  'content-security-policy',
  'x-content-type-options',
  'referrer-policy',
  'permissions-policy',
]

/** Sends as a script of another site would. */
const foreign = { origin: 'https://evil.example', 'next-action': `40${'0'.repeat(40)}`, 'content-type': 'text/plain' }

const answers: [status: number, request: string, headers?: Record<string, string>, body?: string][] = [
  [200, 'GET /'],
  [200, 'HEAD /upload'],
  [307, 'GET /upload', { rsc: '1' }],
  [404, 'GET /nowhere'],
  [404, 'GET /gallery?collection=nothing'],
  [200, 'GET /livez'],
  [200, 'GET /icon.svg'],
  [200, 'GET /og.png'],
  [200, 'GET /icon.svg', { range: 'bytes=99999-' }],
  [200, 'GET /icon.svg', { 'if-match': '"another"' }],
  [404, 'GET /_next/static/missing.js'],
  [404, 'GET /missing.png', { 'sec-fetch-dest': 'image' }],
  [404, 'GET /_next/image?url=%2Ficon.svg&w=64&q=75'],
  [308, 'GET /upload/'],
  [308, 'GET //evil.example/path'],
  [401, 'GET /api/session'],
  [404, 'GET /api/nowhere'],
  [405, 'PUT /api/session'],
  [204, 'OPTIONS /api/session'],
  [400, 'GET /crop/%'],
  [400, 'GET /crop/%E0%A4%A'],
  [400, 'GET /api/images/%'],
  [405, 'TRACE /'],
  [405, 'TRACE /api/session'],
  [405, 'PUT /upload'],
  [405, 'POST /icon.svg'],
  [403, 'POST /upload', foreign, '[]'],
  [403, 'POST /upload', { ...foreign, origin: 'null' }, '[]'],
  [417, 'GET /', { expect: 'the-impossible' }],
  [431, 'GET /', { 'x-long': 'x'.repeat(20_000) }],
]

test('S23, S39: every answer of a host has the security headers and ids, once', async ({ stack }) => {
  const statuses: string[] = []
  for (const [, request, headers, body] of answers) {
    const answer = await ask(stack, request, headers, body)
    statuses.push(`${request}: ${answer.status}`)
    const names = answer.rawHeaders.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase())
    for (const name of everywhere)
      expect(
        names.filter((one) => one === name),
        `${request}: ${name}`,
      ).toHaveLength(1)
    expect(answer.headers['content-security-policy'], request).toContain("frame-ancestors 'none'")
    expect(answer.headers['permissions-policy'], request).toBe('camera=(self), microphone=(), geolocation=()')
    expect(answer.headers['x-served-by'], request).toBe(stack.hosts[0])
    expect(names, request).not.toContain('x-powered-by')
    if (answer.status >= 400) expect(answer.body, request).not.toMatch(/Internal Server Error|\.js:\d/)
  }
  expect(statuses).toEqual(answers.map(([status, request]) => `${request}: ${status}`))
})

test('S26: a server action of another site is logged once, as information', async ({ stack }) => {
  const since = new Date()
  const answer = await ask(stack, 'POST /upload', { ...foreign, 'x-request-id': 'from-another-site' }, '[]')
  expect(JSON.parse(answer.body)).toMatchObject({ code: 'forbidden_origin', status: 403 })
  await expect.poll(() => stack.hostLog(since)).toHaveLength(1)
  expect((await stack.hostLog(since))[0]).toMatchObject({
    level: 30,
    step: 'action',
    code: 'forbidden_origin',
    requestId: 'from-another-site',
  })
})

test('S39: a damaged form without a server action is 405 and leaves no error in the log', async ({ stack }) => {
  const since = new Date()
  const form = { origin: stack.origin, 'content-type': 'multipart/form-data' }
  expect((await ask(stack, 'POST /upload', form, '--x--')).status).toBe(405)
  // Its line comes after those of the form.
  await ask(stack, 'POST /upload', foreign, '[]')
  await expect.poll(() => stack.hostLog(since)).toEqual([expect.objectContaining({ code: 'forbidden_origin' })])
})

test('S35: what Next prints about a request is one JSON line without its query', async ({ stack }) => {
  const since = new Date()
  const unknown = { origin: stack.origin, 'next-action': 'unknown?token=secret', 'content-type': 'text/plain' }
  expect((await ask(stack, 'POST /upload?token=secret', unknown, '[]')).status).toBe(400)
  await expect.poll(() => stack.hostLog(since)).toHaveLength(1)
  const [line] = await stack.hostLog(since)
  expect(line).toMatchObject({ level: 50, source: 'next', msg: expect.stringContaining('Received "unknown?…') })
  expect(JSON.stringify(line)).not.toContain('secret')
  // After its first lines a host prints nothing but JSON.
  expect(await stack.otherOutput()).toEqual([])
})

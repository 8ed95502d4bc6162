import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { afterEach, expect, test, vi } from 'vitest'
import { protectServer } from './protect-server'

const settings = { appOrigin: 'https://me.example.org', hostName: 'host-1', isHttps: true }
const onRejection = vi.fn()
protectServer(settings, onRejection)

let close = () => {}
afterEach(() => {
  close()
  onRejection.mockReset()
})

/** Sends raw requests to a new server, one connection each. @returns the responses */
async function send(listener: RequestListener, ...requests: string[]): Promise<string[]> {
  const server = createServer({ connectionsCheckingInterval: 50 }, listener).listen(0, '127.0.0.1')
  server.requestTimeout = 200
  server.headersTimeout = 200
  close = () => server.close()
  await once(server, 'listening')
  return Promise.all(
    requests.map(async (request) => {
      const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
      let text = ''
      socket.on('data', (chunk) => {
        text += chunk
      })
      // The server may reset the connection after its response.
      socket.on('error', () => {})
      socket.write(request)
      await once(socket, 'close')
      return text
    }),
  )
}

const end = 'host: localhost\r\nconnection: close\r\n\r\n'

/** Expects each header of a response once. */
function expectHeaders(response: string): void {
  const names = (response.split('\r\n\r\n')[0] as string)
    .split('\r\n')
    .slice(1)
    .map((line) => (line.split(':')[0] as string).toLowerCase())
  expect(names).toEqual([...new Set(names)])
  expect(names).toEqual(
    expect.arrayContaining([
      'x-served-by',
      'x-request-id',
      'content-security-policy',
      'x-content-type-options',
      'referrer-policy',
      'permissions-policy',
      'strict-transport-security',
      'cross-origin-opener-policy',
      'cross-origin-resource-policy',
    ]),
  )
}

test('S39: adds the headers to every response, also to requests that do not parse', async () => {
  const responses = await send(
    (request, response) => {
      response.setHeader('referrer-policy', 'same-origin')
      request.resume().on('end', () => response.end())
    },
    `GET / HTTP/1.1\r\n${end}`,
    `GET / HTTP/1.1\r\nexpect: the-impossible\r\n${end}`,
    `GET /% HTTP/1.1\r\n${end}`,
    `TRACE / HTTP/1.1\r\n${end}`,
    `GARBAGE\r\n\r\n`,
    `GET / HTTP/1.1\r\nx-long: ${'x'.repeat(20_000)}\r\n${end}`,
    `POST /api/x HTTP/1.1\r\nhost: localhost\r\ncontent-length: 10\r\n\r\nhalf`,
  )
  expect(responses.map((response) => response.split(' ')[1])).toEqual(['200', '417', '400', '405', '400', '431', '408'])
  for (const response of responses) expectHeaders(response)
})

test('S39: keeps a valid request id and replaces any other', async () => {
  const ids: unknown[] = []
  const responses = await send(
    (request, response) => {
      ids.push(request.headers['x-request-id'])
      response.end()
    },
    `GET / HTTP/1.1\r\nx-request-id: from-a-balancer\r\n${end}`,
    `GET / HTTP/1.1\r\nx-request-id: <script>\r\n${end}`,
  )
  expect(responses[0]).toContain('x-request-id: from-a-balancer\r\n')
  expect(responses[1]).toMatch(/x-request-id: [0-9a-f-]{36}\r\n/)
  for (const id of ids) expect(responses.some((response) => response.includes(`x-request-id: ${id}\r\n`))).toBe(true)
})

test('S26: rejects a server action of another site before Next, and reports it once', async () => {
  const handle = vi.fn<RequestListener>((_, response) => void response.end())
  const action = (origin: string) =>
    `POST /upload HTTP/1.1\r\nnext-action: 40\r\norigin: ${origin}\r\ncontent-length: 2\r\n${end}[]`
  const another = action('https://evil.example').replace('connection: close\r\n', '')
  const [foreign, own] = await send(handle, another, action(settings.appOrigin))
  expect(foreign).toMatch(/^HTTP\/1\.1 403 .*"code":"forbidden_origin"/s)
  expect(foreign).toMatch(/^connection: close\r$/im)
  expect(own).toMatch(/^HTTP\/1\.1 200 /)
  expect(onRejection.mock.calls).toEqual([['forbidden_origin', expect.stringMatching(/^[0-9a-f-]{36}$/)]])
  expect(handle).toHaveBeenCalledOnce()
  // Next compares the Origin with this header.
  expect(handle.mock.calls[0]?.[0].headers['x-forwarded-host']).toBe('me.example.org')
})

test('S39: hides from Next the conditions and ranges that it answers with a 500', async () => {
  const handle = vi.fn<RequestListener>((_, response) => void response.end())
  const conditions = 'range: bytes=99999-\r\nif-range: "a"\r\nif-match: "a"\r\nif-unmodified-since: now\r\n'
  await send(handle, `GET /icon.svg HTTP/1.1\r\n${conditions}if-none-match: "a"\r\n${end}`)
  const names = Object.keys(handle.mock.calls[0]?.[0].headers ?? {})
  expect(names.filter((name) => /^if-|^range$/.test(name))).toEqual(['if-none-match'])
})

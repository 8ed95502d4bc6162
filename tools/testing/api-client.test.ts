import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { afterEach, expect, test } from 'vitest'
import { ApiClient, sendFile } from './api-client'
import { sendRequest } from './http'

let close = async (): Promise<void> => {}
afterEach(() => close())

/** Starts a server. @returns its origin, and the requests that it received */
async function serve(listener: RequestListener) {
  const requests: { request: IncomingMessage; body: Buffer }[] = []
  const server = createServer(async (request, response) => {
    requests.push({ request, body: await buffer(request) })
    listener(request, response)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  close = async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  }
  return { origin: `http://localhost:${(server.address() as AddressInfo).port}`, requests }
}

test('keeps the cookies of every host and sends them to all', async () => {
  const { origin, requests } = await serve((_, response) => {
    const changes = ['a=1; Path=/; HttpOnly', ['a=2', 'b=3; Max-Age=60'], 'b=; Max-Age=0']
    response.writeHead(204, { 'set-cookie': changes[requests.length - 1] }).end()
  })
  const person = await ApiClient.signIn({ origin: 'http://site.test' }, origin)
  expect(person.cookie).toBe('a=1')
  await person.at(origin.replace('localhost', '127.0.0.1')).send('PUT', '/x', { y: 1 }, { accept: 'text/html' })
  expect(person.cookie).toBe('a=2; b=3')
  await person.send('GET', '/x')
  expect(person.cookie).toBe('a=2')
  expect(ApiClient.create({ origin }, 'a=2; b==').cookie).toBe('a=2; b==')

  const [signIn, put] = requests
  expect(signIn?.request.headers).toMatchObject({ origin: 'http://site.test', host: new URL(origin).host })
  expect(put?.request.headers).toMatchObject({ cookie: 'a=1', 'content-type': 'application/json', accept: 'text/html' })
  expect(put?.body.toString()).toBe('{"y":1}')
})

test('throws the request, the statuses and the body for an unexpected status', async () => {
  const { origin } = await serve((_, response) => response.writeHead(409).end('{"code":"deleted"}'))
  const saved = ApiClient.create({ origin }).save({ uploadId: 'u', cropId: 'c' })
  await expect(saved).rejects.toThrow(`POST ${origin}/api/images: expected status 201, got 409: {"code":"deleted"}`)
})

test('sends the fields of a ticket before the file', async () => {
  const { origin, requests } = await serve((_, response) => response.writeHead(204).end())
  const ticket = { uploadId: 'u', method: 'POST', url: `${origin}/bucket`, fields: { key: 'ä', policy: 'p' } } as const
  const file = { name: 'me.jpg', mimeType: 'image/jpeg', buffer: Buffer.from([0, 13, 10, 255]) }
  await sendFile({ ...ticket, expiresAt: '', maxBytes: 4 }, file)
  const { request, body } = requests[0] as (typeof requests)[number]
  const form = await new Response(new Uint8Array(body), {
    headers: { 'content-type': request.headers['content-type'] ?? '' },
  }).formData()
  expect([...form.keys()]).toEqual(['key', 'policy', 'file'])
  expect([form.get('key'), form.get('policy')]).toEqual(['ä', 'p'])
  const sent = form.get('file') as File
  expect([sent.name, sent.type, Buffer.from(await sent.arrayBuffer())]).toEqual(Object.values(file))
})

test('rejects a response that does not end in time, or is incomplete', async () => {
  const { origin } = await serve(({ url }, response) => {
    response.writeHead(200, { 'content-length': '100' }).write('half', () => {
      if (url === '/cut') response.socket?.end()
    })
  })
  const stalled = sendRequest({ method: 'GET', url: `${origin}/stall` }, 200)
  await expect(stalled).rejects.toMatchObject({ code: 'ETIMEDOUT', message: expect.stringContaining('/stall') })
  await expect(sendRequest({ method: 'GET', url: `${origin}/cut` })).rejects.toMatchObject({ code: 'ECONNRESET' })
})

import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

/** A request on its way to the store, whole. */
export interface StoreRequest {
  method: string
  /** Path and query. */
  url: string
  headers: IncomingHttpHeaders
  body: Buffer
}

/** The store's answer, whole. */
export interface StoreAnswer {
  status: number
  headers: IncomingHttpHeaders
  body: Buffer
}

/**
 * What a proxy does with a request: passes it on, changed or later, or answers itself.
 * @param pass sends it to the store, with these changes, as often as it is called
 */
export type Bend = (
  asked: StoreRequest,
  pass: (changes?: Partial<StoreRequest>) => Promise<StoreAnswer>,
) => Promise<StoreAnswer>

/** Stands before a real store and makes of it one that behaves otherwise: for tests. */
export interface StoreProxy {
  endpoint: string
  close(): Promise<void>
}

/**
 * Opens a proxy on 127.0.0.1. Host and path stay as they were asked, so that signatures stay good.
 * @param port without it a free one
 */
export async function openStoreProxy(storeEndpoint: string, bend: Bend, port = 0): Promise<StoreProxy> {
  const server = createServer(async (incoming, response) => {
    try {
      const { method = '', url = '', headers } = incoming
      const asked = { method, url, headers, body: await buffer(incoming) }
      const answer = await bend(asked, (changes) => send(storeEndpoint, { ...asked, ...changes }))
      response.writeHead(answer.status, withoutHops(answer.headers)).end(answer.body)
    } catch {
      // The store is gone, or whoever asked.
      response.destroy()
    }
  }).listen({ host: '127.0.0.1', port })
  await once(server, 'listening')
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

async function send(endpoint: string, { method, url, headers, body }: StoreRequest): Promise<StoreAnswer> {
  const passed = withoutHops(headers)
  if (headers['content-length'] ?? headers['transfer-encoding']) passed['content-length'] = String(body.length)
  const outgoing = request(new URL(endpoint), { method, path: url, headers: passed, agent: false }).end(body)
  const [answer] = (await once(outgoing, 'response')) as [IncomingMessage]
  return { status: answer.statusCode ?? 0, headers: answer.headers, body: await buffer(answer) }
}

/** Headers that are about one connection, not about the message (RFC 9110, 7.6.1). */
function withoutHops(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const { connection: _c, 'keep-alive': _k, 'transfer-encoding': _t, expect: _e, ...rest } = headers
  return rest
}

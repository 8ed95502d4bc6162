import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

/** A complete request to the store. */
export interface StoreRequest {
  method: string
  /** Path and query. */
  url: string
  headers: IncomingHttpHeaders
  body: Buffer
}

/** A complete response of the store. */
export interface StoreResponse {
  status: number
  headers: IncomingHttpHeaders
  body: Buffer
}

/**
 * Handles a request: forwards it, changed or later, or responds itself.
 * @param forward sends the request to the store with these changes, each time it is called
 */
export type Intercept = (
  request: StoreRequest,
  forward: (changes?: Partial<StoreRequest>) => Promise<StoreResponse>,
) => Promise<StoreResponse>

/** A proxy in front of a real store that changes its behaviour. */
export interface StoreProxy {
  endpoint: string
  close(): Promise<void>
}

/**
 * Opens a proxy on 127.0.0.1. The `Host` header and the path stay unchanged, so that signatures stay valid.
 * @param port default: a free port
 */
export async function openStoreProxy(storeEndpoint: string, intercept: Intercept, port = 0): Promise<StoreProxy> {
  const server = createServer(async (incoming, response) => {
    try {
      const { method = '', url = '', headers } = incoming
      const request = { method, url, headers, body: await buffer(incoming) }
      const reply = await intercept(request, (changes) => send(storeEndpoint, { ...request, ...changes }))
      response.writeHead(reply.status, withoutHopByHop(reply.headers)).end(reply.body)
    } catch {
      // The store or the client is gone.
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

async function send(endpoint: string, { method, url, headers, body }: StoreRequest): Promise<StoreResponse> {
  const forwarded = withoutHopByHop(headers)
  if (headers['content-length'] ?? headers['transfer-encoding']) forwarded['content-length'] = String(body.length)
  const outgoing = request(new URL(endpoint), { method, path: url, headers: forwarded, agent: false }).end(body)
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage]
  return { status: response.statusCode ?? 0, headers: response.headers, body: await buffer(response) }
}

/** Removes headers of the connection rather than the message (RFC 9110, 7.6.1). */
function withoutHopByHop(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const { connection: _c, 'keep-alive': _k, 'transfer-encoding': _t, expect: _e, ...rest } = headers
  return rest
}

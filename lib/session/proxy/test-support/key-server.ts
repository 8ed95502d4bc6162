import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A server of keys on loopback, as a provider or AWS has one. */
export interface KeyServer {
  origin: string
  /** The paths that were asked for. */
  requests: string[]
  /** What it answers by path; 404 otherwise. */
  files: Map<string, string>
  /** While set, it answers with this status and no keys. */
  failure: number | undefined
  close(): Promise<void>
}

export async function startKeyServer(): Promise<KeyServer> {
  const http = createServer((request, response) => {
    const path = request.url ?? ''
    server.requests.push(path)
    const file = server.files.get(path)
    const status = server.failure ?? (file === undefined ? 404 : 200)
    response.writeHead(status).end(status === 200 ? file : '')
  }).listen(0, '127.0.0.1')
  await once(http, 'listening')
  const server: KeyServer = {
    origin: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    requests: [],
    files: new Map(),
    failure: undefined,
    async close() {
      http.closeAllConnections()
      http.close()
      await once(http, 'close')
    },
  }
  return server
}

import 'server-only'
import { subscribe } from 'node:diagnostics_channel'
import type { Server, ServerResponse } from 'node:http'
import { onHttpServer } from './http-server'

/** The connections of this process's HTTP servers. Next does not expose its own. */
export interface Connections {
  /** Returns the number of requests whose responses are not sent yet. */
  requests(): number
  /** From now on, closes each connection after its running response, or after its next one. */
  closeAfterResponse(): void
  /** Closes the connections without a running request. */
  closeIdle(): void
}

/**
 * Starts to count requests (node:diagnostics_channel, "HTTP") and to limit how long a client may take to send one.
 * @param requestTimeoutMs after which Node answers 408. It checks this every 30 seconds.
 */
export function watchConnections(requestTimeoutMs: number): Connections {
  const responses = new Set<ServerResponse>()
  const servers = new Set<Server>()
  let isClosing = false

  onHttpServer((server) => {
    servers.add(server)
    server.requestTimeout = requestTimeoutMs
    // Node swaps the two if this one is longer.
    server.headersTimeout = requestTimeoutMs
  })
  subscribe('http.server.request.start', (message) => {
    const { response } = message as { response: ServerResponse }
    responses.add(response)
    response.once('close', () => responses.delete(response))
    if (isClosing) closeAfter(response)
  })

  return {
    requests: () => responses.size,
    closeAfterResponse() {
      isClosing = true
      for (const response of responses) closeAfter(response)
    },
    closeIdle() {
      for (const server of servers) server.closeIdleConnections()
    },
  }
}

function closeAfter(response: ServerResponse): void {
  if (!response.headersSent) response.setHeader('connection', 'close')
}

import 'server-only'
import { subscribe } from 'node:diagnostics_channel'
import { Server } from 'node:http'

/**
 * Runs `use` once for each HTTP server of this process, which Next does not expose: on its first connection, before Node
 * parses a request (node:diagnostics_channel, "net.server.socket").
 */
export function onHttpServer(use: (server: Server) => void): void {
  const seen = new WeakSet<Server>()
  subscribe('net.server.socket', (message) => {
    const { server } = (message as { socket: { server?: unknown } }).socket
    if (!(server instanceof Server) || seen.has(server)) return
    seen.add(server)
    use(server)
  })
}

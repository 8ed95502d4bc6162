import 'server-only'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { ConfigurationError } from '@/lib/env'
import { collectMetrics } from './metrics'

/**
 * Serves `GET /metrics` on a separate port, which the balancer does not forward. It serves until the process exits,
 * also during a drain.
 * @param address to listen on; undefined means all
 * @throws ConfigurationError if it cannot listen on the port
 */
export async function serveMetrics(port: number, address: string | undefined): Promise<void> {
  const registry = collectMetrics()
  const server = createServer(async (request, response) => {
    if (request.method !== 'GET' || request.url !== '/metrics') {
      response.writeHead(404).end()
      return
    }
    response.writeHead(200, { 'content-type': registry.contentType, 'cache-control': 'no-store' })
    response.end(await registry.metrics())
  })
  server.unref()
  server.listen(port, address)
  try {
    await once(server, 'listening')
  } catch (error) {
    throw new ConfigurationError(`This host cannot start.\n  METRICS_PORT: ${(error as Error).message}.`)
  }
}

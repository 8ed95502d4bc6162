import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { Agent, createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { createProxyServer } from 'httpxy'
import { isLive } from '@/tools/process/probes'
import type { Log } from '@/tools/process/progress'
import { isAddressMissing, loopbackAddresses, portFailure } from '@/tools/testing/ports'

const connectTimeoutMilliseconds = 2_000
const retryAfterSeconds = '2'

/** A host that listens on 127.0.0.1. */
interface Upstream {
  name: string
  port: number
}

/** A running balancer that distributes requests over hosts, reachable only on localhost. */
export interface Balancer {
  port: number
  /** Removes a host that has stopped. It gets no request until it answers `/livez` again. */
  takeOut(name: string): void
  /** Adds a host that is up again, before the next poll. */
  takeIn(name: string): void
  /** Stops listening and closes all connections. */
  close(): Promise<void>
}

/**
 * Starts a balancer: strict round robin, no sticky sessions, no buffering.
 *
 * Each request uses a new connection, and httpxy gets the connection after it is established. No byte of the body has
 * been read until then, so the balancer can skip a host that refuses connections, for any method and size. It also never
 * sends a request over an idle connection that a dying host is about to close.
 *
 * If a host closes the connection before it responds, the balancer retries on the next host only if that is safe: GET
 * and HEAD without a body.
 */
export async function startBalancer(options: {
  port: number
  hosts: readonly Upstream[]
  log: Log
  /** How often to poll a removed host. */
  pollMilliseconds?: number
}): Promise<Balancer> {
  const { hosts, log, pollMilliseconds = 1_000 } = options
  const out = new Map<string, NodeJS.Timeout>()
  let isClosed = false
  let turn = 0

  function takeOut(name: string): void {
    if (isClosed || out.has(name)) return
    log(`balancer: ${name} is down and gets no requests until it responds again.`)
    pollLater(name)
  }

  function takeIn(name: string): void {
    if (!out.has(name)) return
    clearTimeout(out.get(name))
    out.delete(name)
    log(`balancer: ${name} is up again.`)
  }

  function pollLater(name: string): void {
    out.set(
      name,
      setTimeout(() => void poll(name), pollMilliseconds),
    )
  }

  async function poll(name: string): Promise<void> {
    const host = hosts.find((candidate) => candidate.name === name)
    const isBack = host !== undefined && (await isLive(host.port))
    if (isClosed || !out.has(name)) return
    if (isBack) takeIn(name)
    else pollLater(name)
  }

  /** Returns the next host that is in the rotation and was not tried for this request. */
  function nextHost(tried: Set<string>): Upstream | undefined {
    for (let step = 0; step < hosts.length; step++) {
      const host = hosts[turn++ % hosts.length]
      if (host && !out.has(host.name) && !tried.has(host.name)) return host
    }
    return undefined
  }

  const proxy = createProxyServer()
  // Both headers describe the connection between host and balancer. The browser's connection stays open.
  proxy.on('proxyRes', (response) => {
    delete response.headers.connection
    delete response.headers['keep-alive']
  })

  async function forward(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const headers = { ...forwardedHeaders(request), connection: 'close' }
    const tried = new Set<string>()
    for (let host = nextHost(tried); host; host = nextHost(tried)) {
      tried.add(host.name)
      const socket = await openConnection(host.port)
      if (response.destroyed) {
        socket?.destroy()
        return
      }
      if (!socket) {
        takeOut(host.name)
        continue
      }
      try {
        const target = `http://127.0.0.1:${host.port}`
        await proxy.web(request, response, { target, headers, agent: agentFor(socket) })
        return
      } catch (error) {
        if (response.destroyed || response.headersSent) {
          response.destroy()
          return
        }
        log(`balancer: ${host.name} closed the connection during ${describeRequest(request)}: ${describe(error)}`)
        if (!isSafeToRetry(request)) {
          reject(request, response, 502, 'The host closed the connection before it responded. Please try again.')
          return
        }
      }
    }
    reject(request, response, 503, 'No host is up at the moment. Please try again in a few seconds.')
  }

  const servers = await listen(options.port, (request, response) => {
    forward(request, response).catch((error: unknown) => {
      log(`balancer: ${describeRequest(request)} failed: ${describe(error)}`)
      response.destroy()
    })
  })

  return {
    port: boundPort(servers),
    takeOut,
    takeIn,
    async close() {
      isClosed = true
      for (const timer of out.values()) clearTimeout(timer)
      await closeAll(servers)
    },
  }
}

/**
 * Returns the headers that describe the browser's connection to the host. Deletes such headers of the client first,
 * because Next trusts X-Forwarded-Host as the site's own name.
 */
function forwardedHeaders(request: IncomingMessage): Record<string, string> {
  for (const name of Object.keys(request.headers)) {
    if (name.startsWith('x-forwarded-') || name === 'forwarded' || name === 'x-real-ip') delete request.headers[name]
  }
  return {
    'x-forwarded-host': request.headers.host ?? '',
    'x-forwarded-proto': 'http',
    'x-forwarded-for': request.socket.remoteAddress ?? '',
  }
}

/** Opens a connection. Resolves to `undefined` if the host refuses it or does not accept it within 2 s. */
function openConnection(port: number): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port }).setNoDelay().setTimeout(connectTimeoutMilliseconds)
    const fail = () => {
      socket.destroy()
      resolve(undefined)
    }
    socket.once('error', fail)
    socket.once('timeout', fail)
    socket.once('connect', () => {
      socket.setTimeout(0)
      socket.off('timeout', fail)
      resolve(socket)
    })
  })
}

/** Creates an agent that uses this connection. */
function agentFor(socket: Socket): Agent {
  return Object.assign(new Agent(), { createConnection: () => socket })
}

function isSafeToRetry({ method, headers }: IncomingMessage): boolean {
  const hasBody = headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
  return (method === 'GET' || method === 'HEAD') && !hasBody
}

function reject(request: IncomingMessage, response: ServerResponse, status: number, message: string): void {
  // Read the rest of the body: a browser that is still sending loses the response if the connection closes.
  request.resume()
  response.writeHead(status, {
    'content-type': 'text/plain; charset=utf-8',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'same-origin',
    'cache-control': 'no-store',
    'retry-after': retryAfterSeconds,
    'x-served-by': 'balancer',
    'x-request-id': randomUUID(),
  })
  response.end(`${message}\n`)
}

/** Returns method and path. The query is left out because it may contain secrets. */
function describeRequest({ method, url = '' }: IncomingMessage): string {
  return `${method} ${url.split('?')[0]}`
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

async function listen(
  port: number,
  onRequest: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<Server[]> {
  const servers: Server[] = []
  for (const host of loopbackAddresses) {
    const server = createServer({ keepAliveTimeout: 60_000 }, onRequest)
    // With port 0, the first address finds a free port and the second uses the same.
    server.listen({ port: servers.length > 0 ? boundPort(servers) : port, host })
    try {
      await once(server, 'listening')
      servers.push(server)
    } catch (error) {
      if (isAddressMissing(error)) continue
      await closeAll(servers)
      throw portFailure(error, port, '--port')
    }
  }
  return servers
}

function boundPort([server]: Server[]): number {
  if (!server) throw new Error('This machine has no loopback address to listen on.')
  return (server.address() as AddressInfo).port
}

async function closeAll(servers: Server[]): Promise<void> {
  await Promise.all(
    servers.map(async (server) => {
      if (!server.listening) return
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    }),
  )
}

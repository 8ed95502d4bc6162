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

/** Where a host listens, on 127.0.0.1. */
interface Upstream {
  name: string
  port: number
}

/** Spreads requests over hosts, in turn, on localhost alone. */
export interface Balancer {
  port: number
  /** A host known to be gone: no request goes there until it answers `/livez` again. */
  takeOut(name: string): void
  /** A host known to be back, sooner than the next poll would find out. */
  takeIn(name: string): void
  /** Stops listening and breaks off what is still under way. */
  close(): Promise<void>
}

/**
 * Starts a balancer: strict round robin, no stickiness, nothing buffered.
 *
 * Each request goes over a connection of its own, and httpxy gets that connection only once it stands. Until then
 * not a byte of the body has been read, so a host that refuses is skipped without loss, whatever the method and size;
 * and no request is ever sent down an idle connection that a dying host is about to close.
 *
 * A host that breaks off later, before it answered, is skipped too where that is safe: GET and HEAD without a body.
 */
export async function startBalancer(options: {
  port: number
  hosts: readonly Upstream[]
  log: Log
  /** How often a host that is out is asked whether it is back. */
  pollMilliseconds?: number
}): Promise<Balancer> {
  const { hosts, log, pollMilliseconds = 1_000 } = options
  const out = new Map<string, NodeJS.Timeout>()
  let isClosed = false
  let turn = 0

  function takeOut(name: string): void {
    if (isClosed || out.has(name)) return
    log(`balancer: ${name} is out of the rotation until it answers again.`)
    pollLater(name)
  }

  function takeIn(name: string): void {
    if (!out.has(name)) return
    clearTimeout(out.get(name))
    out.delete(name)
    log(`balancer: ${name} is back in the rotation.`)
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

  /** The next host in turn that is in the rotation and was not tried for this request. */
  function nextHost(tried: Set<string>): Upstream | undefined {
    for (let step = 0; step < hosts.length; step++) {
      const host = hosts[turn++ % hosts.length]
      if (host && !out.has(host.name) && !tried.has(host.name)) return host
    }
    return undefined
  }

  const proxy = createProxyServer()
  // Both describe the connection between host and balancer. The browser's own stays open.
  proxy.on('proxyRes', (answer) => {
    delete answer.headers.connection
    delete answer.headers['keep-alive']
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
        log(`balancer: ${host.name} broke off ${describeRequest(request)}: ${describe(error)}`)
        if (!isSafeToRepeat(request)) {
          refuse(request, response, 502, 'The host that was at work on this request broke off. Please try again.')
          return
        }
      }
    }
    refuse(request, response, 503, 'No host is up at the moment. Please try again in a few seconds.')
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
 * What the host is to believe about the browser's connection. Whatever a client claims in such headers is deleted
 * first: Next takes X-Forwarded-Host as the site's own name.
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

/** A connection that stands, or `undefined` where the host refuses or does not accept in time. */
function openConnection(port: number): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port }).setNoDelay().setTimeout(connectTimeoutMilliseconds)
    const giveUp = () => {
      socket.destroy()
      resolve(undefined)
    }
    socket.once('error', giveUp)
    socket.once('timeout', giveUp)
    socket.once('connect', () => {
      socket.setTimeout(0)
      socket.off('timeout', giveUp)
      resolve(socket)
    })
  })
}

/** An agent that hands out this one connection. */
function agentFor(socket: Socket): Agent {
  return Object.assign(new Agent(), { createConnection: () => socket })
}

function isSafeToRepeat({ method, headers }: IncomingMessage): boolean {
  const hasBody = headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
  return (method === 'GET' || method === 'HEAD') && !hasBody
}

function refuse(request: IncomingMessage, response: ServerResponse, status: number, sentence: string): void {
  // Read to its end although nobody wants it: closing on a browser that still sends would take the answer from it.
  request.resume()
  response.writeHead(status, {
    'content-type': 'text/plain; charset=utf-8',
    'cache-control': 'no-store',
    'retry-after': retryAfterSeconds,
    'x-served-by': 'balancer',
    'x-request-id': randomUUID(),
  })
  response.end(`${sentence}\n`)
}

/** Method and path. A query may hold what does not belong in a log. */
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
    // With port 0 the first address finds a free port, and the second takes the same.
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

import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { describe } from 'vitest'
import { missingHaproxyPrograms } from '@/tools/haproxy/haproxy-package'
import { type RunningHaproxy, startHaproxy } from '@/tools/haproxy/start-haproxy'
import { createChildren } from '@/tools/process/child-process'
import type { Environment } from '@/tools/stack/host-environment'
import { findFreePorts } from '@/tools/testing/ports'

const missing = missingHaproxyPrograms()
const reason = missing.length > 0 ? ` (skipped: ${missing.join(', ')} not found)` : ''

/** Groups tests that run HAProxy. Skips them if HAProxy is not installed, except in CI, where they fail. */
export function describeHaproxy(name: string, tests: () => void): void {
  describe.skipIf(missing.length > 0 && !process.env.CI)(`${name}${reason}`, tests)
}

/** A fake host: a server that can be stopped, started again on its port, and drained. */
export interface TestHost {
  name: string
  port: number
  /** The requests it received, without health checks. */
  served: IncomingMessage[]
  isDraining: boolean
  stop(): Promise<void>
  start(): Promise<void>
}

/** Starts a host. By default it responds with its name, the method and the body. */
export async function startTestHost(name: string, listener?: RequestListener): Promise<TestHost> {
  let server: Server | undefined
  const host: TestHost = { name, port: 0, served: [], isDraining: false, start, stop }

  async function start(): Promise<void> {
    server = createServer(async (incoming, outgoing) => {
      if (incoming.url === '/readyz') {
        outgoing.writeHead(host.isDraining ? 503 : 200).end()
        return
      }
      host.served.push(incoming)
      outgoing.setHeader('x-served-by', name)
      if (listener) listener(incoming, outgoing)
      else outgoing.end(`${name} ${incoming.method} ${await text(incoming)}`)
    })
    server.listen({ port: host.port, host: '127.0.0.1' })
    await once(server, 'listening')
    host.port = (server.address() as AddressInfo).port
  }

  async function stop(): Promise<void> {
    if (!server?.listening) return
    server.close()
    server.closeAllConnections()
    await once(server, 'close')
  }

  await start()
  return host
}

/** HAProxy in front of fake hosts. */
export interface Balanced {
  haproxy: RunningHaproxy
  url: string
  /** Its output. */
  lines: string[]
  /** Returns the parsed log line of the request with this id. */
  logged(requestId: string | null): Record<string, unknown> | undefined
  end(): Promise<void>
}

export async function balance(hosts: readonly TestHost[], env: Environment = {}): Promise<Balanced> {
  const [port = 0] = await findFreePorts(1, [])
  const children = createChildren()
  const lines: string[] = []
  const haproxy = await startHaproxy({ port, hosts, env, children, onLine: (line) => lines.push(line) })
  return {
    haproxy,
    url: `http://127.0.0.1:${port}`,
    lines,
    logged(requestId) {
      const line = lines.find((candidate) => candidate.startsWith('{') && candidate.includes(String(requestId)))
      return line === undefined ? undefined : JSON.parse(line)
    },
    async end() {
      await haproxy.close()
      await Promise.all(hosts.map((host) => host.stop()))
    },
  }
}

/** Sends `count` requests in sequence, each over a new connection, and returns the names of the hosts that responded. */
export async function namesOf(url: string, count: number, init?: RequestInit): Promise<string[]> {
  const names: string[] = []
  for (let index = 0; index < count; index++) {
    const answer = await fetch(url, init)
    await answer.text()
    names.push(answer.headers.get('x-served-by') ?? '')
  }
  return names
}

/** Sends the headers of a request with a body of this length, but no body, and waits for the response. */
export async function announceBody(url: string, bytes: number): Promise<IncomingMessage> {
  const sending = request(url, { method: 'POST', headers: { 'content-length': bytes } })
  sending.on('error', () => {
    // The server may close the connection before the body was sent.
  })
  sending.flushHeaders()
  const [answer] = (await once(sending, 'response')) as [IncomingMessage]
  return answer
}

import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { rejectMalformedRequest } from './respond'

const freePortAttempts = 5
const closingGraceMs = 2000

export type RunningServer = { port: number; close: () => Promise<void> }

/**
 * Listens on one address.
 * @throws Error with a fix if the port is taken
 */
export async function listenOn(address: string, port: number, onRequest: RequestListener): Promise<RunningServer> {
  const server = createStoreServer(onRequest)
  await listen(server, address, port)
  return { port: (server.address() as AddressInfo).port, close: () => closeAll([server]) }
}

/**
 * Listens on 127.0.0.1 and ::1, because `localhost` can mean either. Only this machine can reach them. Port 0 uses any
 * port that is free on both.
 * @throws Error with a fix if the port is taken
 */
export async function listenOnLoopback(wantedPort: number, onRequest: RequestListener): Promise<RunningServer> {
  for (let attempt = 1; ; attempt += 1) {
    const ipv4 = createStoreServer(onRequest)
    await listen(ipv4, '127.0.0.1', wantedPort)
    const { port } = ipv4.address() as AddressInfo
    const ipv6 = createStoreServer(onRequest)
    try {
      await listen(ipv6, '::1', port)
      return { port, close: () => closeAll([ipv4, ipv6]) }
    } catch (error) {
      if (hasNoIpv6(error)) return { port, close: () => closeAll([ipv4]) }
      await closeAll([ipv4])
      // A port that is free on one address may be taken on the other.
      if (wantedPort !== 0 || attempt === freePortAttempts) throw error
    }
  }
}

function createStoreServer(onRequest: RequestListener): Server {
  // Longer than clients keep idle connections, so that the server never closes one during a request.
  return createServer({ keepAliveTimeout: 65_000 }, onRequest).on('clientError', rejectMalformedRequest)
}

async function listen(server: Server, address: string, port: number): Promise<void> {
  server.listen({ host: address, port, ipv6Only: true })
  try {
    await once(server, 'listening')
  } catch (error) {
    if (!hasCode(error, ['EADDRINUSE'])) throw error
    const message = `Port ${port} on ${address} is taken. Stop the program that uses it, or choose another port.`
    throw new Error(message, { cause: error })
  }
}

function hasNoIpv6(error: unknown): boolean {
  return hasCode(error, ['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EINVAL'])
}

function hasCode(error: unknown, codes: string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code))
}

/** Closes the servers after running requests, or after 2 s. */
async function closeAll(servers: Server[]): Promise<void> {
  await Promise.all(
    servers.map(async (server) => {
      const closed = once(server, 'close')
      server.close()
      server.closeIdleConnections()
      const deadline = setTimeout(() => server.closeAllConnections(), closingGraceMs)
      await closed
      clearTimeout(deadline)
    }),
  )
}

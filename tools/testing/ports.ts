import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { networkInterfaces } from 'node:os'
import getPort, { portNumbers } from 'get-port'
import { errorCode, UserError } from '@/tools/process/errors'

/** Both addresses that a browser may use for `localhost`. */
export const loopbackAddresses = ['127.0.0.1', '::1'] as const

/** Returns the loopback addresses of this machine in URL syntax. Many containers have no ::1. */
export function loopbackHosts(): string[] {
  const addresses = Object.values(networkInterfaces()).flatMap((each) => each?.map(({ address }) => address) ?? [])
  return addresses.includes('::1') ? ['127.0.0.1', '[::1]'] : ['127.0.0.1']
}

/**
 * Checks that a port of the loopback addresses is free.
 * @param option chooses the port, for the error message
 * @throws UserError that names the port and the option
 */
export async function assertPortFree(port: number, option: string): Promise<void> {
  for (const host of loopbackAddresses) {
    const server = createServer().listen({ port, host })
    try {
      await once(server, 'listening')
    } catch (error) {
      if (isAddressMissing(error)) continue
      throw portFailure(error, port, option)
    }
    server.close()
    await once(server, 'close')
  }
}

/** Returns whether listening failed because this machine has no such address. Many containers have no ::1. */
export function isAddressMissing(error: unknown): boolean {
  return ['EADDRNOTAVAIL', 'EAFNOSUPPORT'].includes(errorCode(error) ?? '')
}

/** Returns a UserError for a port that is taken or reserved, and every other error unchanged. */
export function portFailure(error: unknown, port: number, option: string): unknown {
  if (errorCode(error) === 'EADDRINUSE') {
    const message = `Port ${port} is used by another program. End that program, or choose another port with ${option}.`
    return new UserError(message, '', { cause: error })
  }
  if (errorCode(error) === 'EACCES') {
    const message = `Port ${port} is reserved for the system. Choose a port above 1023 with ${option}.`
    return new UserError(message, '', { cause: error })
  }
  return error
}

/**
 * Returns `count` different free ports that are not in `taken`. They lie above the usual ports and below the ephemeral
 * ones, so that no outgoing connection takes the port of a host that is down.
 */
export async function findFreePorts(count: number, taken: number[]): Promise<number[]> {
  const ports: number[] = []
  while (ports.length < count) {
    // Random, so that two stacks that start at the same moment choose different ports.
    const first = randomInt(20_000, 29_000)
    const port = portNumbers(first, first + 999)
    ports.push(await getPort({ port, host: '127.0.0.1', exclude: [...taken, ...ports] }))
  }
  return ports
}

import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { networkInterfaces } from 'node:os'
import getPort, { portNumbers } from 'get-port'
import { errorCode, UserError } from '@/tools/process/errors'

/** Both addresses that a browser may understand by `localhost`. */
export const loopbackAddresses = ['127.0.0.1', '::1'] as const

/** Those of them that this machine has, as they stand in a URL: many containers have no ::1. */
export function loopbackHosts(): string[] {
  const addresses = Object.values(networkInterfaces()).flatMap((each) => each?.map(({ address }) => address) ?? [])
  return addresses.includes('::1') ? ['127.0.0.1', '[::1]'] : ['127.0.0.1']
}

/**
 * Makes sure, before any long work begins, that nobody listens on `port` of the loopback addresses.
 * Throws a UserError that names the port and the `option` that chooses another.
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

/** Whether listening failed only because this machine has no such address: many containers have no ::1. */
export function isAddressMissing(error: unknown): boolean {
  return ['EADDRNOTAVAIL', 'EAFNOSUPPORT'].includes(errorCode(error) ?? '')
}

/** The sentence for a port that cannot be listened on; an error about anything else comes back as it is. */
export function portFailure(error: unknown, port: number, option: string): unknown {
  if (errorCode(error) === 'EADDRINUSE') {
    const sentence = `Port ${port} is taken by another program: end that one, or choose another port with ${option}.`
    return new UserError(sentence, '', { cause: error })
  }
  if (errorCode(error) === 'EACCES') {
    const sentence = `Port ${port} is reserved for the system: choose one above 1023 with ${option}.`
    return new UserError(sentence, '', { cause: error })
  }
  return error
}

/**
 * `count` different free ports, none of them in `taken`. They lie below those that systems give to outgoing
 * connections, so that none is lost to one while its host is down, and above the usual ones.
 */
export async function findFreePorts(count: number, taken: number[]): Promise<number[]> {
  const ports: number[] = []
  while (ports.length < count) {
    // Not always the lowest: two stacks that start at the same moment should not want the same ports.
    const first = randomInt(20_000, 29_000)
    const port = portNumbers(first, first + 999)
    ports.push(await getPort({ port, host: '127.0.0.1', exclude: [...taken, ...ports] }))
  }
  return ports
}

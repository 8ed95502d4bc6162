import { once } from 'node:events'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { assertPortFree, findFreePorts, isAddressMissing, loopbackAddresses } from './ports'

const servers: Server[] = []

afterEach(async () => {
  for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve))
})

async function occupy(host: string): Promise<number> {
  const server = createServer().listen({ port: 0, host })
  await once(server, 'listening')
  servers.push(server)
  return (server.address() as AddressInfo).port
}

test.each(loopbackAddresses)('names a port that is taken on %s and the option for another one', async (address) => {
  const port = await occupy(address).catch((error: unknown) => {
    if (isAddressMissing(error)) return null
    throw error
  })
  if (port === null) return

  await expect(assertPortFree(port, '--store-port')).rejects.toThrow(
    `Port ${port} is used by another program. End that program, or choose another port with --store-port.`,
  )
})

test('accepts a free port and leaves it free', async () => {
  const [port = 0] = await findFreePorts(1, [])

  await assertPortFree(port, '--port')
  await assertPortFree(port, '--port')
})

test('finds different ports', async () => {
  const ports = await findFreePorts(5, [])

  expect(new Set(ports).size).toBe(5)
})

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

test.each(loopbackAddresses)('a port taken on %s is a sentence with the port and the option', async (address) => {
  const port = await occupy(address).catch((error: unknown) => {
    if (isAddressMissing(error)) return null
    throw error
  })
  if (port === null) return

  await expect(assertPortFree(port, '--store-port')).rejects.toThrow(
    `Port ${port} is taken by another program: end that one, or choose another port with --store-port.`,
  )
})

test('a free port passes, and is free still afterwards', async () => {
  const [port = 0] = await findFreePorts(1, [])

  await assertPortFree(port, '--port')
  await assertPortFree(port, '--port')
})

test('free ports are all different', async () => {
  const ports = await findFreePorts(5, [])

  expect(new Set(ports).size).toBe(5)
})

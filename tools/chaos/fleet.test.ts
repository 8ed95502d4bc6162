import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Children, createChildren } from '@/tools/process/child-process'
import { findFreePorts } from '@/tools/testing/ports'
import { createFleet, type FleetHost } from './fleet'

/** Responds with its pid, and exits on request. */
const server = `
require('node:http').createServer((request, response) => {
  response.end(String(process.pid))
  if (request.url === '/end') process.exit(1)
}).listen(Number(process.env.PORT), process.env.HOSTNAME)
`

let directory: string
let children: Children
let host: FleetHost
let exits: string[]

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'fleet-'))
  await writeFile(join(directory, 'server.js'), server)
  children = createChildren()
  exits = []
  const fleet = createFleet({
    children,
    ports: await findFreePorts(1, []),
    artefact: { directory, serverActionsEncryptionKey: '' },
    env: { NODE_ENV: 'production' },
    onLine: () => undefined,
    onExit: (name, how) => exits.push(`${name} ${how}`),
  })
  host = fleet[0] as FleetHost
  await host.start()
})

afterEach(async () => {
  await host.kill()
  await children.end()
  await rm(directory, { recursive: true })
})

const get = (path = '/', signal?: AbortSignal) =>
  fetch(`http://127.0.0.1:${host.port}${path}`, { headers: { connection: 'close' }, ...(signal && { signal }) })
    .then((response) => response.text())
    .catch(() => null)

test('does not restart or report a host that was killed or drained', async () => {
  for (const end of [() => host.kill(), () => host.drain()]) {
    const before = await get()
    await end()
    expect(await get()).toBeNull()
    await host.start()
    const after = await get()
    expect(after).not.toBeNull()
    expect(after).not.toBe(before)
  }
  expect(exits).toEqual([])
})

test('gets a response from a frozen host after the thaw', async () => {
  host.freeze()
  const response = get()
  expect(await Promise.race([response, get('/', AbortSignal.timeout(300))])).toBeNull()
  host.thaw()
  expect(Number(await response)).toBeGreaterThan(0)
})

test('restarts and reports a host that exits', async () => {
  const before = await get()
  await get('/end')
  await expect.poll(() => get(), { timeout: 50_000 }).toMatch(/^\d+$/)
  expect(await get()).not.toBe(before)
  expect(exits).toEqual(['host-1 exit code 1'])
})

test('runs one action on a host at a time', async () => {
  await host.alone(async () => {
    expect(host.isFree).toBe(false)
    await expect(host.alone(async () => undefined)).rejects.toThrow('host-1 is not free')
  })
  expect(host.isFree).toBe(true)
})

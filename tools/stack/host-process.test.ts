import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type Children, createChildren, endWithParent } from '@/tools/process/child-process'
import { isLive } from '@/tools/process/probes'
import { findFreePorts } from '@/tools/testing/ports'
import { createHost, type HostProcess } from './host-process'

// Generous, for machines that are busy with something else.
vi.setConfig({ testTimeout: 60_000 })

let children: Children
let port: number
let lines: string[]
const onUp = vi.fn()
const onDown = vi.fn()

beforeEach(async () => {
  children = createChildren()
  ;[port = 0] = await findFreePorts(1, [])
  lines = []
  vi.clearAllMocks()
})

afterEach(() => children.end())

const server = `
  const server = require('node:http').createServer((request, response) => response.end())
  server.listen(Number(process.env.PORT), '127.0.0.1')
`

function hostOf(script: string): HostProcess {
  return createHost({
    name: 'host-1',
    port,
    launch: () =>
      children.start({
        name: 'host-1',
        args: [...endWithParent, '--eval', script],
        env: { ...process.env, PORT: String(port) },
        onLine: () => {},
      }),
    onUp,
    onDown,
    log: (line) => lines.push(line),
    restartAfterMilliseconds: 10,
  })
}

describe('a host', () => {
  test('is started when it is ready, and ended when it is asked to', async () => {
    const host = hostOf(server)
    await host.start()
    expect(await isLive(port)).toBe(true)

    await host.end()

    expect(await isLive(port)).toBe(false)
    expect(onUp).toHaveBeenCalledOnce()
    expect(onDown).toHaveBeenCalledOnce()
    expect(lines).toEqual([])
  })

  test('that ends by itself is reported and started again, as another process', async () => {
    const host = hostOf(server)
    await host.start()
    const { pid = 0 } = host

    process.kill(pid, 'SIGKILL')

    await vi.waitFor(() => expect(onUp).toHaveBeenCalledTimes(2), { timeout: 30_000 })
    expect(onDown).toHaveBeenCalledOnce()
    expect(host.pid).not.toBe(pid)
    expect(lines[0]).toMatch(/^host-1 ended by itself \((SIGKILL|exit code \d+)\) and is started again\.$/)
    expect(await isLive(port)).toBe(true)
    await host.end()
  })

  test('that is killed on purpose stays down until it is started', async () => {
    const host = hostOf(server)
    await host.start()

    await host.kill()
    expect(await isLive(port)).toBe(false)
    expect(lines).toEqual([])

    await host.start()
    expect(await isLive(port)).toBe(true)
    await host.end()
  })

  test('that cannot start says why in a sentence, with its last words', async () => {
    const host = hostOf(`console.error('APP_ORIGIN is not set'); process.exit(7)`)

    await expect(host.start()).rejects.toMatchObject({
      message: 'host-1 did not come up (exit code 7): what it said stands below.',
      output: 'APP_ORIGIN is not set',
    })
  })

  test('that ends again and again is left down', async () => {
    // It ends a moment after it was seen ready, however long a busy machine takes to ask.
    const host = hostOf(`${server}; server.on('request', () => setTimeout(() => process.exit(3), 300))`)
    await host.start()

    await vi.waitFor(() => expect(lines.at(-1)).toContain('is left down'), { timeout: 50_000, interval: 100 })
    await host.end()
  })
})

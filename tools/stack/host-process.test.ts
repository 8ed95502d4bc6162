import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type Children, createChildren, endWithParent } from '@/tools/process/child-process'
import { isLive } from '@/tools/process/probes'
import { findFreePorts } from '@/tools/testing/ports'
import { createHost, type HostProcess } from './host-process'

// Long enough for a busy machine.
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
  test('start resolves when it is ready, and end stops it', async () => {
    const host = hostOf(server)
    await host.start()
    expect(await isLive(port)).toBe(true)

    await host.end()

    expect(await isLive(port)).toBe(false)
    expect(onUp).toHaveBeenCalledOnce()
    expect(onDown).toHaveBeenCalledOnce()
    expect(lines).toEqual([])
  })

  test('restarts in a new process after a crash and logs it', async () => {
    const host = hostOf(server)
    await host.start()
    const { pid = 0 } = host

    process.kill(pid, 'SIGKILL')

    await vi.waitFor(() => expect(onUp).toHaveBeenCalledTimes(2), { timeout: 30_000 })
    expect(onDown).toHaveBeenCalledOnce()
    expect(host.pid).not.toBe(pid)
    expect(lines[0]).toMatch(/^host-1 stopped unexpectedly \((SIGKILL|exit code \d+)\)\. Restarting it\.$/)
    expect(await isLive(port)).toBe(true)
    await host.end()
  })

  test('stays down after kill until it is started', async () => {
    const host = hostOf(server)
    await host.start()

    await host.kill()
    expect(await isLive(port)).toBe(false)
    expect(lines).toEqual([])

    await host.start()
    expect(await isLive(port)).toBe(true)
    await host.end()
  })

  test('rejects with its exit code and output if it does not start', async () => {
    const host = hostOf(`console.error('APP_ORIGIN is not set'); process.exit(7)`)

    await expect(host.start()).rejects.toMatchObject({
      message: 'host-1 did not start (exit code 7). See its output above.',
      output: 'APP_ORIGIN is not set',
    })
  })

  test('stays down after six crashes within a minute', async () => {
    // It exits shortly after the first request, so a busy machine sees it ready too.
    const host = hostOf(`${server}; server.on('request', () => setTimeout(() => process.exit(3), 300))`)
    await host.start()

    await vi.waitFor(() => expect(lines.at(-1)).toContain('is not restarted'), { timeout: 50_000, interval: 100 })
    await host.end()
  })
})

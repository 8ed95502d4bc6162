import { readFileSync } from 'node:fs'
import { expect, test, vi } from 'vitest'
import { type Children, createChildren, endWithParent } from './child-process'

// Long enough for a busy machine.
vi.setConfig({ testTimeout: 60_000 })

const idle = 'setInterval(() => {}, 1000); process.send("up")'

async function startIdle(children: Children, script = idle): Promise<{ pid: number; ended: Promise<unknown> }> {
  const onMessage = vi.fn()
  const child = children.start({
    name: 'idle',
    args: [...endWithParent, '--eval', script],
    env: process.env,
    onLine: () => {},
    onMessage,
  })
  await vi.waitFor(() => expect(onMessage).toHaveBeenCalled(), { timeout: 30_000 })
  return { pid: child.pid ?? 0, ended: child.ended }
}

test('ends every child of a set and starts no more', async () => {
  const children = createChildren()
  const ended = [(await startIdle(children)).ended, (await startIdle(children)).ended]

  await children.end()

  expect(await Promise.all(ended)).toEqual([
    { code: null, signal: 'SIGTERM' },
    { code: null, signal: 'SIGTERM' },
  ])
  expect(() => children.start({ name: 'late', args: [], env: process.env })).toThrow('late was not started')
})

test('kills a child that ignores SIGTERM after the grace period', async () => {
  const children = createChildren(100)
  const { ended } = await startIdle(children, `process.on('SIGTERM', () => {}); ${idle}`)

  await children.end()

  expect(await ended).toEqual({ code: null, signal: 'SIGKILL' })
})

test.skipIf(process.platform === 'win32')('children exit when their parent is killed with SIGKILL', async () => {
  const children = createChildren()
  const grandchild = `const { spawn } = require('node:child_process')
    const args = ${JSON.stringify([...endWithParent, '--eval', 'setInterval(() => {}, 1000)'])}
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'ignore', 'ipc'], detached: true })
    process.send(child.pid)
    setInterval(() => {}, 1000)`
  const onMessage = vi.fn()
  const parent = children.start({
    name: 'p',
    args: ['--eval', grandchild],
    env: process.env,
    onLine: () => {},
    onMessage,
  })
  await vi.waitFor(() => expect(onMessage).toHaveBeenCalled(), { timeout: 30_000 })
  const pid: number = onMessage.mock.calls[0]?.[0]
  expect(isRunning(pid)).toBe(true)

  parent.kill('SIGKILL')

  await vi.waitFor(() => expect(isRunning(pid)).toBe(false), { timeout: 30_000 })
  await children.end()
})

test.skipIf(process.platform !== 'linux')('a program other than Node exits when its parent is killed', async () => {
  const children = createChildren()
  const script = `import { createChildren } from './tools/process/child-process'
    const { pid } = createChildren().start({ name: 'sleep', command: 'sleep', args: ['1000'], env: process.env })
    process.send(pid)`
  const onMessage = vi.fn()
  const parent = children.start({
    name: 'p',
    args: ['--import', 'tsx', '--input-type=module', '--eval', script],
    env: process.env,
    onLine: () => {},
    onMessage,
  })
  await vi.waitFor(() => expect(onMessage).toHaveBeenCalled(), { timeout: 30_000 })
  const pid: number = onMessage.mock.calls[0]?.[0]
  // Before setpriv has become `sleep`, the kernel may not know yet to end it with its parent.
  await vi.waitFor(() => expect(readFileSync(`/proc/${pid}/comm`, 'utf8')).toBe('sleep\n'), { timeout: 30_000 })

  parent.kill('SIGKILL')

  await vi.waitFor(() => expect(isRunning(pid)).toBe(false), { timeout: 30_000 })
  await children.end()
})

test('lastOutput contains the lines of stdout and stderr', async () => {
  const output = await outputOf('console.log("what it did"); console.error("why it failed")')

  expect(output.split('\n').sort()).toEqual(['what it did', 'why it failed'])
})

test('lastOutput keeps only the last 200 lines', async () => {
  const lines = (await outputOf('for (let i = 1; i <= 300; i++) console.log("line " + i)')).split('\n')

  expect(lines).toHaveLength(200)
  expect(lines.at(-1)).toBe('line 300')
})

function outputOf(script: string): Promise<string> {
  const printer = { name: 'printer', args: ['--eval', script], env: process.env, onLine: () => {} }
  return createChildren().start(printer).lastOutput()
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

import { expect, test, vi } from 'vitest'
import { createChildren } from './child-process'

// Long enough for a busy machine.
vi.setConfig({ testTimeout: 60_000 })

test.skipIf(process.platform === 'win32')(
  'shuts down in order when the npm wrapper exits on the same signal',
  async () => {
    const children = createChildren()
    const lines: string[] = []
    // Closing takes longer than detecting that the wrapper has exited.
    const script = `import { runUntilInterrupted } from './tools/process/run'
      const running = { failure: new Promise(() => {}), close: () => new Promise((done) => setTimeout(done, 3000)) }
      await runUntilInterrupted(async () => { console.log('up'); return running })`
    const wrapper = children.start({
      name: 'wrapper',
      command: 'sh',
      args: ['-c', '"$@"; exit', 'sh', process.execPath, '--import', 'tsx', '--input-type=module', '--eval', script],
      env: { ...process.env, npm_lifecycle_event: 'up' },
      onLine: (line) => lines.push(line),
    })
    await vi.waitFor(() => expect(lines).toContain('up'), { timeout: 30_000 })

    wrapper.kill('SIGTERM')

    await wrapper.ended
    await vi.waitFor(() => expect(lines.at(-1)).toBe('Stopped.'), { timeout: 30_000 })
  },
)

import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { promisify } from 'node:util'
import { afterEach, expect, test } from 'vitest'

const children: ChildProcess[] = []

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})

/** Starts a process that logs these lines on the message 'log', or logs and exits with code 7 on 'log and exit'. */
async function startLogging(lines: number) {
  const script = `
    import { log } from '@/lib/log'
    // Next does so too, and Node then makes the pipe non-blocking.
    process.stdout.write('starts\\n')
    process.on('message', (message) => {
      for (let line = 0; line < ${lines}; line += 1) log().info({ line, text: 'x'.repeat(1000) }, 'a line')
      if (message === 'log and exit') process.exit(7)
    })
    process.send('ready')`
  const child = spawn(process.execPath, [...evalFlags, script], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    env: { ...process.env, ...environment },
  })
  children.push(child)
  await once(child, 'message')
  const ended = once(child, 'exit').then(([code]) => code as number)
  return { child, stdout: child.stdout as NonNullable<typeof child.stdout>, ended }
}

const evalFlags = ['--conditions', 'react-server', '--import', 'tsx', '--input-type=module', '--eval']

const environment = {
  APP_ORIGIN: 'http://localhost:3000',
  AWS_REGION: 'us-east-1',
  S3_BUCKET: 'bucket',
  AUTH_MODE: 'guest',
  SESSION_SECRETS: 's'.repeat(32),
}

test('writes all lines before the process exits', async () => {
  const { child, stdout, ended } = await startLogging(20)
  const chunks: Buffer[] = []
  stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
  const closed = once(stdout, 'close')
  child.send('log and exit')
  expect(await ended).toBe(7)
  await closed
  const lines = Buffer.concat(chunks).toString().trim().split('\n').slice(1)
  expect(lines.map((line) => JSON.parse(line).line)).toEqual(Array.from({ length: 20 }, (_, line) => line))
})

test('S42: exits although the reader of its log is gone', async () => {
  const { child, stdout, ended } = await startLogging(20)
  stdout.destroy()
  await once(stdout, 'close')
  child.send('log and exit')
  expect(await ended).toBe(7)
})

test('S42: continues and exits while the reader of its log is paused', async () => {
  const { child, stdout, ended } = await startLogging(5_000)
  stdout.pause()
  child.send('log and exit')
  expect(await ended).toBe(7)
})

test('delivers buffered lines when the reader resumes', async () => {
  // More than a pipe holds, and less than the buffer.
  const { child, stdout } = await startLogging(700)
  stdout.pause()
  child.send('log')
  await new Promise((resolve) => setTimeout(resolve, 1000))
  let text = ''
  stdout.on('data', (chunk: Buffer) => {
    text += chunk
  })
  stdout.resume()
  await expect.poll(() => text.split('\n').length, { timeout: 30_000 }).toBe(702)
})

test('S35: removes the query of URLs in an error and its causes', async () => {
  const script = `
    import { log } from '@/lib/log'
    const cause = new Error('403 for https://s3.example.net/photos/a?X-Amz-Signature=secret')
    log().error({ err: new Error('GET "http://localhost:9000/b?X-Amz-Credential=secret" failed', { cause }) }, 'failed')`
  const { stdout } = await promisify(execFile)(process.execPath, [...evalFlags, script], {
    env: { ...process.env, ...environment },
  })
  const { err } = JSON.parse(stdout)
  expect(err.message).toBe('GET "http://localhost:9000/b?…" failed')
  expect(err.cause.message).toBe('403 for https://s3.example.net/photos/a?…')
  expect(stdout).not.toContain('secret')
})

import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { afterEach, expect, test } from 'vitest'
import { cpuMsOf } from '@/tools/testing/process-stat'

const children: ChildProcess[] = []

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})

/** Logs these lines on the message 'log', or logs and exits with code 7 on 'log and exit'. */
const scriptOf = (lines: number) => `
    import { log } from '@/lib/log'
    // Next does so too.
    console.log('starts')
    process.on('message', (message) => {
      for (let line = 0; line < ${lines}; line += 1) log().info({ line, text: 'x'.repeat(1000) }, 'a line')
      if (message === 'log and exit') process.exit(7)
      else process.send('logged')
    })
    process.send('ready')`

/** Starts such a process. @param output its standard output: a new pipe, or a file descriptor */
async function startLogging(lines: number, output: 'pipe' | number = 'pipe') {
  const child = spawn(process.execPath, [...evalFlags, scriptOf(lines)], {
    stdio: ['ignore', output, 'inherit', 'ipc'],
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

test('S42: continues without spinning and exits while the disk of its log is full', async () => {
  // Every write to this device fails with ENOSPC.
  const full = openSync('/dev/full', 'w')
  const { child, ended } = await startLogging(5_000, full)
  child.send('log')
  await once(child, 'message')
  const before = cpuMsOf(child.pid as number)
  await sleep(1000)
  expect(cpuMsOf(child.pid as number) - before).toBeLessThan(500)
  child.send('log and exit')
  expect(await ended).toBe(7)
  closeSync(full)
})

test('S42: continues and exits while nothing reads a named pipe with its log', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'log-'))
  const path = join(directory, 'pipe')
  execFileSync('mkfifo', [path])
  // Opened for both, because opening a pipe for writing waits for a reader.
  const pipe = openSync(path, 'r+')
  const { child, ended } = await startLogging(5_000, pipe)
  child.send('log and exit')
  expect(await ended).toBe(7)
  closeSync(pipe)
  rmSync(directory, { recursive: true })
})

test('S42: keeps a bounded part of a blocked log, and logs how many lines it dropped', async () => {
  const { child, stdout } = await startLogging(5_000)
  stdout.pause()
  child.send('log')
  await once(child, 'message')
  let text = ''
  stdout.on('data', (chunk: Buffer) => {
    text += chunk
  })
  stdout.resume()
  await expect.poll(() => text, { timeout: 30_000 }).toContain('"msg":"log lines were dropped')
  const lines = text
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => JSON.parse(line))
  const kept = lines.slice(0, -1)
  expect(kept.map(({ line }) => line)).toEqual(kept.map((_, index) => index))
  // The buffer and the pipe.
  expect(kept.length * 1000).toBeLessThan(3_000_000)
  expect(lines.at(-1)).toMatchObject({ level: 40, dropped: 5_000 - kept.length })
})

test('S42: describes an error that is its own cause', async () => {
  const script = `
    import { log } from '@/lib/log'
    const error = new Error('in circles')
    error.cause = error
    log().error({ err: error }, 'failed')`
  const { stdout } = await promisify(execFile)(process.execPath, [...evalFlags, script], {
    env: { ...process.env, ...environment },
  })
  expect(JSON.parse(stdout).err.cause.message).toBe('in circles')
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

test('names the failed request of a store error, with its status', async () => {
  const script = `
    import { log } from '@/lib/log'
    const storeRequest = { operation: 'PutObject', bucket: 'pictures', keyClass: 'media', endpoint: 'https://s3.example.net' }
    const err = Object.assign(new Error('Access Denied'), { storeRequest, $metadata: { httpStatusCode: 403 } })
    log().error({ err: new Error('the store does not answer', { cause: err }) }, 'failed')`
  const { stdout } = await promisify(execFile)(process.execPath, [...evalFlags, script], {
    env: { ...process.env, ...environment },
  })
  expect(JSON.parse(stdout).err.cause).toMatchObject({
    status: 403,
    storeRequest: { operation: 'PutObject', bucket: 'pictures', keyClass: 'media', endpoint: 'https://s3.example.net' },
  })
})

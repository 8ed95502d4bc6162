import { type ChildProcess, spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Buckets } from './buckets'
import { commitDraft, encodeTail, objectPath, writeDraft } from './disk'
import { presignedPath } from './signed-request'
import { account, createClient, startTestStore } from './test-store'

const Bucket = 'pictures'
let directory: string
let child: ChildProcess | undefined

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'store-'))
})

afterEach(async () => {
  if (child) await kill(child, 'SIGKILL')
  await rm(directory, { recursive: true, force: true })
})

/** Runs `main.ts` in a child process, with the directory of the test. */
async function run(port = '0'): Promise<{ endpoint: string; s3: S3Client; process: ChildProcess }> {
  const started = spawn(process.execPath, ['--import', 'tsx', join(import.meta.dirname, 'main.ts')], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    env: {
      ...process.env,
      STORE_PORT: port,
      STORE_DIRECTORY: directory,
      STORE_REGION: account.region,
      STORE_ACCESS_KEY_ID: account.accessKeyId,
      STORE_SECRET_ACCESS_KEY: account.secretAccessKey,
    },
  })
  child = started
  const endpoint = await new Promise<string>((resolve, reject) => {
    started.once('message', (message: { ready: string }) => resolve(message.ready))
    started.once('exit', (code) => reject(new Error(`The store exited with ${code}`)))
  })
  return { endpoint, s3: createClient(endpoint), process: started }
}

async function kill(target: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (target.exitCode !== null || target.signalCode !== null) return target.exitCode
  const exited = new Promise<number | null>((resolve) => target.once('exit', resolve))
  target.kill(signal)
  return exited
}

describe('a killed store', () => {
  test('has only complete objects after a restart, including all acknowledged ones', async () => {
    const first = await run()
    await first.s3.send(new CreateBucketCommand({ Bucket }))
    await first.s3.send(new PutObjectCommand({ Bucket, Key: 'overwritten', Body: 'the old one' }))

    // One upload, which overwrites an object, stops half way, ...
    const path = presignedPath(first.endpoint, { method: 'PUT', path: `/${Bucket}/overwritten` })
    const { host, port } = new URL(first.endpoint)
    const socket = connect(Number(port), '127.0.0.1')
    socket.on('error', () => socket.destroy())
    socket.write(`PUT ${path} HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 2000000\r\n\r\n`)
    socket.write(Buffer.alloc(1_000_000, 'x'))
    await expect.poll(() => readdir(join(directory, 'temporary'))).not.toEqual([])

    // ... and others are running. Each object stores its own hash, and acknowledged keys are recorded.
    const acknowledged = new Set<string>()
    const writers = Array.from({ length: 8 }, async (_, writer) => {
      for (let turn = 0; ; turn += 1) {
        const Key = `writer/${writer}/${turn}`
        const body = randomBytes(50_000)
        const Metadata = { sha256: createHash('sha256').update(body).digest('hex') }
        await first.s3.send(new PutObjectCommand({ Bucket, Key, Body: body, Metadata }))
        acknowledged.add(Key)
      }
    })
    const writersEnded = Promise.allSettled(writers)
    await expect.poll(() => acknowledged.size).toBeGreaterThan(20)
    await kill(first.process, 'SIGKILL')
    await writersEnded
    socket.destroy()

    const second = await run()
    expect(await readdir(join(directory, 'temporary'))).toEqual([])
    const old = await second.s3.send(new GetObjectCommand({ Bucket, Key: 'overwritten' }))
    expect(await old.Body?.transformToString()).toBe('the old one')
    const { Contents = [] } = await second.s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'writer/' }))
    const listed = new Set(Contents.map((object) => String(object.Key)))
    expect([...acknowledged].filter((key) => !listed.has(key))).toEqual([])
    for (const Key of listed) {
      const { Body, Metadata } = await second.s3.send(new GetObjectCommand({ Bucket, Key }))
      const bytes = (await Body?.transformToByteArray()) ?? new Uint8Array()
      expect(createHash('sha256').update(bytes).digest('hex')).toBe(Metadata?.sha256)
    }
  }, 60_000)
})

describe('the process', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)(
    'exits with code 0 on %s',
    async (signal) => {
      const { process: started } = await run()
      expect(await kill(started, signal)).toBe(0)
    },
    30_000,
  )

  test('exits when its parent disconnects', async () => {
    const { process: started } = await run()
    const exited = new Promise((resolve) => started.once('exit', resolve))
    started.disconnect()
    expect(await exited).toBe(0)
  }, 30_000)

  test('exits with code 1 if its port is taken', async () => {
    const { endpoint, process: holder } = await run()
    await expect(run(new URL(endpoint).port)).rejects.toThrow('The store exited with 1')
    await kill(holder, 'SIGKILL')
  }, 30_000)
})

test('a restart keeps every object unchanged', async () => {
  const it = await startTestStore()
  try {
    const put = { Bucket, Key: 'ü/../🐈', Body: 'meow', ContentType: 'image/png', Metadata: { name: 'Tom' } }
    await it.s3.send(new PutObjectCommand(put))
    const before = await it.s3.send(new ListObjectsV2Command({ Bucket }))
    await it.restart()
    const after = await it.s3.send(new ListObjectsV2Command({ Bucket }))
    expect(after.Contents).toEqual(before.Contents)
    const answer = await it.s3.send(new GetObjectCommand({ Bucket, Key: put.Key }))
    expect(answer).toMatchObject({ ContentType: 'image/png', Metadata: { name: 'Tom' } })
    expect(await answer.Body?.transformToString()).toBe('meow')
    expect(it.faults).toEqual([])
  } finally {
    await it.end()
  }
})

test('ignores files that are not complete objects', async () => {
  const clock = { nowMs: () => Date.now(), dayMs: 1000 }
  const buckets = new Buckets(directory, clock)
  buckets.create(Bucket)
  const bucketDirectory = join(directory, 'buckets', Bucket)
  const describeObject = () => ({ key: 'cat', lastModified: 0, headers: {}, checksums: {} })
  const body = (async function* () {
    yield Buffer.from('meow')
  })()
  commitDraft(await writeDraft(buckets.temporaryDirectory, body, describeObject), bucketDirectory)
  await mkdir(join(bucketDirectory, '00'), { recursive: true })
  await writeFile(join(bucketDirectory, '00', 'half'), Buffer.alloc(10_000, 'x'))
  await writeFile(join(bucketDirectory, '00', 'empty'), '')
  await writeFile(join(directory, 'temporary', 'left-over'), 'x')

  const reopened = new Buckets(directory, clock)
  expect([...reopened.get(Bucket).entriesFrom('')].map(({ name }) => name)).toEqual(['cat'])
  expect(await readdir(join(directory, 'temporary'))).toEqual([])
})

test('lists thousands of keys in order after a restart', async () => {
  const clock = { nowMs: () => Date.now(), dayMs: 1000 }
  const buckets = new Buckets(directory, clock)
  buckets.create(Bucket)
  const bucketDirectory = join(directory, 'buckets', Bucket)
  const total = 5000
  // Write the files directly, without a request for each.
  for (let number = 0; number < total; number += 1) {
    const key = `users/${String(number).padStart(6, '0')}`
    const record = { key, size: 1, etag: '"x"', lastModified: number, headers: {}, checksums: {} }
    writeFileSync(objectPath(bucketDirectory, key), Buffer.concat([Buffer.from('x'), encodeTail(record)]))
  }

  const reopened = new Buckets(directory, clock).get(Bucket)
  const names = [...reopened.entriesFrom('')].map(({ name }) => name)
  expect(names).toHaveLength(total)
  expect(names[total - 1]).toBe('users/004999')
  expect(reopened.find('users/002500')).toMatchObject({ size: 1, lastModified: 2500 })
}, 60_000)

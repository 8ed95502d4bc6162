import { mkdtemp, readdir, readFile, readlink, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListBucketsCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type Children, createChildren } from '@/tools/process/child-process'
import type { RunningStore } from '@/tools/stack/store-process'
import { findFreePorts } from '@/tools/testing/ports'
import { missingCephPrograms } from './ceph-packages'
import { startCeph } from './start-ceph'

// A cluster on disk takes 8 s to start, and these tests restart it twice.
vi.setConfig({ testTimeout: 240_000 })

const keys = { accessKeyId: 'TESTKEY', secretAccessKey: '-a_secret-for-tests-only' }
const object = { Bucket: 'bucket-one', Key: 'users/a' }
// 127.0.0.1 and ::1 in the format of /proc/net on little-endian machines.
const loopback = { ipv4: '0100007F', ipv6: `${'0'.repeat(24)}01000000` }
const missing = missingCephPrograms()
const reason = missing.length > 0 ? ` (skipped: ${missing.join(', ')} not found)` : ''

let directory: string
let children: Children
let lines: string[]

beforeEach(async () => {
  // A long path: a control socket in this folder would exceed the limit of its path.
  directory = join(await mkdtemp(join(tmpdir(), 'ceph-')), 'a-folder-that-lies-deep-in-somebodys-home', 'x'.repeat(60))
  children = createChildren()
  lines = []
})

afterEach(async () => {
  await children.end()
  await rm(join(directory, '..', '..'), { recursive: true, force: true })
})

async function start(options: Partial<Parameters<typeof startCeph>[0]> = {}): Promise<RunningStore> {
  const [port = 0] = await findFreePorts(1, [])
  const onLine = (line: string) => lines.push(line)
  return startCeph({ children, directory, port, env: process.env, onLine, keepsData: false, ...keys, ...options })
}

function clientOf({ endpoint, region }: RunningStore, credentials = keys): S3Client {
  return new S3Client({
    endpoint,
    region,
    credentials,
    forcePathStyle: true,
    requestChecksumCalculation: 'WHEN_REQUIRED',
  })
}

/** Returns the processes of this cluster: those with its configuration in their environment. */
async function processes(): Promise<{ pid: number; commandLine: string }[]> {
  const result: { pid: number; commandLine: string }[] = []
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    // A process may exit before its files are read.
    const read = (file: string) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '')
    if (!(await read('environ')).includes(`CEPH_CONF=${directory}/ceph.conf\0`)) continue
    result.push({ pid: Number(pid), commandLine: (await read('cmdline')).split('\0').join(' ').trim() })
  }
  return result
}

/** Returns the addresses that the processes of this cluster listen on, in the format of /proc/net. */
async function listeningAddresses(): Promise<Set<string>> {
  const sockets = new Set<string>()
  for (const { pid } of await processes()) {
    for (const descriptor of await readdir(`/proc/${pid}/fd`)) {
      const target = await readlink(`/proc/${pid}/fd/${descriptor}`).catch(() => '')
      if (target.startsWith('socket:[')) sockets.add(target.slice('socket:['.length, -1))
    }
  }
  const addresses = new Set<string>()
  for (const table of ['tcp', 'tcp6']) {
    for (const row of (await readFile(`/proc/net/${table}`, 'utf8')).split('\n')) {
      const [, local, , state, , , , , , inode] = row.trim().split(/\s+/)
      if (state === '0A' && local && inode && sockets.has(inode)) addresses.add(local.split(':')[0] as string)
    }
  }
  return addresses
}

// Skipped without the packages, except in CI, where the tests fail.
describe.skipIf(missing.length > 0 && !process.env.CI)(`startCeph${reason}`, () => {
  test('accepts only its keys, listens only on loopback, and close ends all processes', async () => {
    const ceph = await start()
    await clientOf(ceph).send(new CreateBucketCommand({ Bucket: 'bucket-one' }))
    await clientOf(ceph).send(new PutObjectCommand({ ...object, Body: 'kept' }))

    const wrong = clientOf(ceph, { ...keys, secretAccessKey: 'another-secret' }).send(new ListBucketsCommand())
    await expect(wrong).rejects.toThrow(expect.objectContaining({ name: 'SignatureDoesNotMatch' }))
    const running = (await processes()).map(({ commandLine }) => commandLine).sort()
    expect(running).toEqual(['ceph-mon -f -i a', 'ceph-osd -f -i 0', 'radosgw -f -n client.rgw'])
    const addresses = await listeningAddresses()
    expect(addresses).toContain(loopback.ipv4)
    expect(Object.values(loopback)).toEqual(expect.arrayContaining([...addresses]))
    expect(lines.join('\n')).toContain('radosgw: ')
    expect(lines.join('\n')).not.toContain(keys.secretAccessKey)

    await ceph.close()

    expect(await processes()).toEqual([])
    expect(await ceph.ended).toContain('SIGKILL')
  })

  test('keeps objects after a crash, on another port and for other keys', async () => {
    const first = await start({ keepsData: true })
    await clientOf(first).send(new CreateBucketCommand({ Bucket: 'bucket-one' }))
    await clientOf(first).send(new PutObjectCommand({ ...object, Body: 'kept' }))
    for (const { pid } of await processes()) process.kill(pid, 'SIGKILL')
    expect(await first.ended).toContain('SIGKILL')

    const newKeys = { accessKeyId: 'ANOTHERKEY', secretAccessKey: 'another-secret-for-tests' }
    const second = await start({ keepsData: true, ...newKeys })
    const { Body } = await clientOf(second, newKeys).send(new GetObjectCommand(object))
    expect(await Body?.transformToString()).toBe('kept')
    await second.close()
    expect(await processes()).toEqual([])
  })

  test('rejects with the output of radosgw if the port is taken, and can start again', async () => {
    const [port = 0] = await findFreePorts(1, [])
    const server = createServer().listen({ port, host: '127.0.0.1' })

    const failed = start({ port, keepsData: true })

    await expect(failed).rejects.toThrow(
      expect.objectContaining({
        message: expect.stringContaining('Ceph did not start (radosgw:'),
        output: expect.stringContaining('Address already in use'),
      }),
    )
    expect(await processes()).toEqual([])
    server.close()
    await (await start({ port, keepsData: true })).close()
  })
})

import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { request as openRequest } from 'node:http'
import { type AddressInfo, connect, createServer } from 'node:net'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  CopyObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createClient, startTestStore, type TestStore } from '@/tools/s3-store/test-store'
import { type FaultProxy, openFaultProxy } from './fault-proxy'
import type { Fault } from './faults'
import { findFreePorts } from './ports'
import { seededRandom } from './random'

let store: TestStore
let proxy: FaultProxy
let port: number
/** Uses the proxy, without retries or timeouts. */
let s3: S3Client
let direct: S3Client
const bytes = randomBytes(300_000)

beforeAll(async () => {
  store = await startTestStore()
})
afterAll(async () => {
  expect(store.faults).toEqual([])
  await store.end()
})
beforeEach(async () => {
  ;[port] = (await findFreePorts(1, [])) as [number]
  proxy = await openFaultProxy({ port, storePort: store.store.port, random: seededRandom(1) })
  s3 = createClient(`http://127.0.0.1:${port}`)
  direct = store.s3
})
afterEach(async () => {
  s3.destroy()
  await proxy.close()
})

const put = (client: S3Client, key: string, body: Buffer = bytes, abortSignal?: AbortSignal) =>
  client.send(new PutObjectCommand({ Bucket: store.bucket, Key: key, Body: body }), abortSignal ? { abortSignal } : {})

async function get(client: S3Client, key: string): Promise<Buffer> {
  const { Body } = await client.send(new GetObjectCommand({ Bucket: store.bucket, Key: key }))
  return Buffer.from((await Body?.transformToByteArray()) ?? [])
}

const exists = (key: string) =>
  direct.send(new HeadObjectCommand({ Bucket: store.bucket, Key: key })).then(
    () => true,
    () => false,
  )

describe('with no fault set', () => {
  test('forwards signed requests of every form', async () => {
    await put(s3, 'a/one')
    expect((await get(s3, 'a/one')).equals(bytes)).toBe(true)
    await put(s3, 'a/empty', Buffer.alloc(0))
    expect(await get(direct, 'a/empty')).toHaveLength(0)
    await s3.send(new CopyObjectCommand({ Bucket: store.bucket, Key: 'b/two', CopySource: `${store.bucket}/a/one` }))
    const listed = await s3.send(new ListObjectsV2Command({ Bucket: store.bucket, Prefix: 'a/' }))
    expect(listed.Contents?.map(({ Key }) => Key)).toEqual(['a/empty', 'a/one'])
    await expect(get(s3, 'missing')).rejects.toThrow('key does not exist')
    expect(Object.values(proxy.faults.counts).every((count) => count === 0)).toBe(true)
  })

  test('forwards chunked bodies, and bodies that wait for "100 Continue"', async () => {
    const chunked = createClient(`http://127.0.0.1:${port}`, { requestChecksumCalculation: 'WHEN_SUPPORTED' })
    const large = randomBytes(3_000_000)
    await put(chunked, 'large', large)
    expect((await get(direct, 'large')).equals(large)).toBe(true)
    chunked.destroy()

    const patient = openRequest({ port, host: '127.0.0.1', method: 'PUT', path: '/pictures/x' })
    patient.setHeader('expect', '100-continue').setHeader('transfer-encoding', 'chunked').flushHeaders()
    const answered = once(patient, 'response')
    await once(patient, 'continue')
    patient.end('unsigned')
    const [answer] = await answered
    expect(answer.statusCode).toBe(403)
    expect(await text(answer)).toContain('<Code>AccessDenied</Code>')
  })

  test('forwards heads unchanged in both directions, on a kept connection', async () => {
    const received: string[] = []
    const answer =
      'HTTP/1.1 200 Fine Indeed\r\nX-oDD: caf\xe9\r\nContent-Length: 2\r\nETag: "q"\r\netag: again\r\n\r\nok'
    const server = createServer((socket) => {
      socket.on('data', (chunk) => {
        received.push(chunk.toString('latin1'))
        socket.write(answer, 'latin1')
      })
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const [ownPort] = (await findFreePorts(1, [port])) as [number]
    const { port: storePort } = server.address() as AddressInfo
    const own = await openFaultProxy({ port: ownPort, storePort, random: seededRandom(1) })
    const client = connect({ port: ownPort, host: '127.0.0.1' })
    let reply = ''
    client.on('data', (chunk) => {
      reply += chunk.toString('latin1')
    })
    const request =
      'GET /a%2Fb?x=1&x=%20 HTTP/1.1\r\nHOST: pictures.example\r\nX-amz-DATE:  1\r\nConnection: keep-alive\r\n\r\n'
    for (const times of [1, 2]) {
      client.write(request)
      await expect.poll(() => reply.split('\r\n\r\nok').length - 1).toBe(times)
    }
    expect(received).toEqual(Array(2).fill(request.replace('DATE:  1', 'DATE: 1')))
    // The proxy adds only the default of HTTP/1.1.
    expect(reply.replaceAll('Connection: keep-alive\r\n', '')).toBe(answer.repeat(2))
    client.destroy()
    await own.close()
    server.close()
  })
})

/** Sets a fault, and expects a request to fail. */
const expectBroken = (fault: Fault, send: () => Promise<unknown>) =>
  proxy.faults
    .set([fault])
    .then(() => expect(send()).rejects.toThrow(/ECONNRESET|ECONNREFUSED|socket hang up|aborted|EPIPE/))

describe('each fault', () => {
  test('latency delays the response', async () => {
    await proxy.faults.set([{ kind: 'latency', ms: 300, spreadMs: 100 }])
    const startedAt = performance.now()
    await put(s3, 'late')
    expect(performance.now() - startedAt).toBeGreaterThan(295)
    expect(proxy.faults.counts.latency).toBe(1)
  })

  test.each([undefined, 3])(
    'slow-down responds with 503 as S3 does, with Retry-After %s, and forwards nothing',
    async (seconds) => {
      await proxy.faults.set([{ kind: 'slow-down', ...(seconds && { retryAfterSeconds: seconds }) }])
      await expect(put(s3, 'slowed')).rejects.toMatchObject({
        name: 'SlowDown',
        message: 'Please reduce your request rate.',
        $metadata: { httpStatusCode: 503 },
      })
      const plain = await fetch(`http://localhost:${port}/pictures/slowed`)
      expect(plain.headers.get('retry-after')).toBe(seconds ? '3' : null)
      expect(await exists('slowed')).toBe(false)
    },
  )

  test('refused closes the port and all connections until the fault is removed', async () => {
    await put(s3, 'before')
    await expectBroken({ kind: 'refused' }, () => get(s3, 'before'))
    await expect(fetch(`http://localhost:${port}/`)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } })
    await proxy.faults.set([])
    expect((await get(s3, 'before')).equals(bytes)).toBe(true)
    expect(proxy.faults.counts.refused).toBe(1)
  })

  test('reset and reset-in-request store nothing', async () => {
    await expectBroken({ kind: 'reset' }, () => put(s3, 'reset'))
    await expectBroken({ kind: 'reset-in-request' }, () => put(s3, 'reset'))
    await expectBroken({ kind: 'reset-in-request' }, () => put(s3, 'reset', Buffer.alloc(0)))
    await proxy.faults.set([])
    expect(await exists('reset')).toBe(false)
    expect(proxy.faults.counts).toMatchObject({ reset: 1, 'reset-in-request': 2 })
  })

  test('reset-in-answer sends half of the body, or half of the head without a body', async () => {
    await put(s3, 'half')
    await expectBroken({ kind: 'reset-in-answer' }, () => get(s3, 'half'))
    await expectBroken({ kind: 'reset-in-answer' }, () => put(s3, 'written'))
    await proxy.faults.set([])
    expect(await exists('written')).toBe(true)
  })

  test('lost-answer forwards the request and resets the connection', async () => {
    await expectBroken({ kind: 'lost-answer' }, () => put(s3, 'lost'))
    expect((await get(direct, 'lost')).equals(bytes)).toBe(true)
  })

  test.each(['stall', 'stall-in-answer', 'withheld-answer'] as const)(
    '%s sends nothing more until the client leaves',
    async (kind) => {
      await put(direct, 'read')
      await proxy.faults.set([{ kind }])
      const leaving = new AbortController()
      const outcomes: string[] = []
      const writing = put(s3, `written-${kind}`, bytes, leaving.signal)
      writing.catch((error) => outcomes.push(error.name))
      const reading = fetch(`http://127.0.0.1:${port}/pictures/read`, { signal: leaving.signal })
      reading.then((answer) => answer.text()).catch((error) => outcomes.push(error.name))
      await expect.poll(() => proxy.faults.counts[kind]).toBe(2)
      await expect.poll(() => exists(`written-${kind}`)).toBe(kind !== 'stall')
      // Long enough for a response.
      await sleep(300)
      expect(outcomes).toEqual([])
      leaving.abort()
      await expect.poll(() => outcomes).toEqual(['AbortError', 'AbortError'])
    },
  )

  test('wrong-date changes only the Date header', async () => {
    const shiftMs = -20 * 60_000
    await proxy.faults.set([{ kind: 'wrong-date', shiftMs }])
    const before = Date.now()
    const answer = await fetch(`http://127.0.0.1:${port}/pictures/`)
    const reported = Date.parse(answer.headers.get('date') as string)
    expect(reported).toBeGreaterThanOrEqual(Math.floor(before / 1000) * 1000 + shiftMs)
    expect(reported).toBeLessThanOrEqual(Date.now() + shiftMs)
    expect(await answer.text()).toContain('AccessDenied')
  })
})

describe('the trigger of a fault', () => {
  test('selects by method, by key or listed prefix, by skip and by count', async () => {
    await proxy.faults.set([{ kind: 'slow-down', methods: ['PUT'], keyPrefix: 'users/ä b/', skip: 1, count: 2 }])
    const tried = async (work: () => Promise<unknown>) =>
      work().then(
        () => 'done',
        (error) => error.name,
      )
    const write = (key: string) => tried(() => put(s3, key))
    expect(await write('media/one')).toBe('done')
    const outcomes: string[] = []
    for (let time = 0; time < 4; time += 1) outcomes.push(await write('users/ä b/one'))
    expect(outcomes).toEqual(['done', 'SlowDown', 'SlowDown', 'done'])
    expect((await get(s3, 'users/ä b/one')).equals(bytes)).toBe(true)

    await proxy.faults.set([{ kind: 'slow-down', keyPrefix: 'users/' }])
    const list = (prefix: string) =>
      tried(() => s3.send(new ListObjectsV2Command({ Bucket: 'pictures', Prefix: prefix })))
    expect([await list('users/x'), await list('media/')]).toEqual(['SlowDown', 'done'])
  })

  test('selects the first of equal requests, so that a retry passes', async () => {
    await proxy.faults.set([{ kind: 'reset', firstOfEach: true }])
    const outcomes: string[] = []
    for (const key of ['x', 'y', 'x', 'y']) {
      outcomes.push(
        await put(s3, key).then(
          () => 'done',
          (error) => error.code,
        ),
      )
    }
    expect(outcomes).toEqual(['ECONNRESET', 'ECONNRESET', 'done', 'done'])
  })

  test('repeats with the same seed', async () => {
    const statusesOf = async (seed: number) => {
      const [own] = (await findFreePorts(1, [port])) as [number]
      const other = await openFaultProxy({ port: own, storePort: store.store.port, random: seededRandom(seed) })
      await other.faults.set([{ kind: 'slow-down', probability: 0.5 }])
      const statuses: number[] = []
      for (let time = 0; time < 40; time += 1) statuses.push((await fetch(`http://127.0.0.1:${own}/`)).status)
      expect(other.faults.counts['slow-down']).toBe(statuses.filter((status) => status === 503).length)
      await other.close()
      return statuses.join()
    }
    const first = await statusesOf(7)
    expect(await statusesOf(7)).toBe(first)
    expect(await statusesOf(8)).not.toBe(first)
    expect(new Set(first.split(',')).size).toBe(2)
  })

  test('breaks a request with the first fault that applies, after its latency', async () => {
    await proxy.faults.set([
      { kind: 'latency', ms: 1 },
      { kind: 'lost-answer', count: 1 },
      { kind: 'slow-down', count: 1 },
    ])
    await expect(put(s3, 'first')).rejects.not.toThrow('reduce')
    await expect(put(s3, 'second')).rejects.toThrow('reduce')
    await put(s3, 'third')
    expect(proxy.faults.counts).toMatchObject({ latency: 3, 'lost-answer': 1, 'slow-down': 1 })
  })
})

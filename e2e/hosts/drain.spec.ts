import { once } from 'node:events'
import { mkdtemp, readFile } from 'node:fs/promises'
import { Agent, get, type IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { test as base, expect } from 'playwright/test'
import { portrait } from '@/e2e/photos'
import { removeState } from '@/e2e/state'
import { startStack } from '@/tools/stack/stack'
import { ApiClient } from '@/tools/testing/api-client'
import type { HttpResponse } from '@/tools/testing/http'
import { findFreePorts } from '@/tools/testing/ports'
import { openStoreProxy } from '@/tools/testing/store-proxy'

/** Starts a host that runs one crop at a time, on a store that holds back uploads until `releaseCrops` is called. */
async function openSlowHost(drainMs: number) {
  const stateDirectory = await mkdtemp(join(tmpdir(), 'drain-'))
  const [port, storePort] = (await findFreePorts(2, [])) as [number, number]
  let releaseCrops = () => {}
  const cropsReleased = new Promise<void>((resolve) => {
    releaseCrops = resolve
  })
  const seen = { drafts: 0, downloads: 0 }
  // The self-check of a starting host reads from the same prefixes.
  let isStarted = false
  const proxy = await openStoreProxy(`http://127.0.0.1:${storePort}`, async ({ method, url }, pass) => {
    if (!isStarted) return pass()
    if (url.includes('prefix=drafts%2F')) seen.drafts += 1
    if (method === 'GET' && url.includes('/incoming/')) {
      seen.downloads += 1
      await cropsReleased
    }
    return pass()
  })
  const stack = await startStack({
    store: 'bundled',
    stateDirectory,
    port,
    storePort,
    hosts: 1,
    env: {
      AWS_ENDPOINT_URL_S3: proxy.endpoint,
      S3_PUBLIC_ENDPOINT: `http://127.0.0.1:${storePort}`,
      DRAIN_MS: String(drainMs),
      CROP_CONCURRENCY: '1',
    },
    log: () => {},
  })
  isStarted = true
  const [host] = stack.hosts as [(typeof stack.hosts)[number]]
  const address = `http://127.0.0.1:${host.port}`
  const photo = await portrait()

  return {
    pid: host.pid as number,
    seen,
    releaseCrops,
    /** Requests `count` crops, each of another person. Returns once one is waiting for its bytes and the others for a place. */
    async beginCrops(count: number): Promise<Promise<HttpResponse>[]> {
      const signInAndUpload = async () => {
        const person = await ApiClient.signIn({ origin: stack.origin }, address)
        return { person, uploadId: await person.upload(photo, 'covers') }
      }
      const uploads = await Promise.all(Array.from({ length: count }, signInAndUpload))
      const area = { x: 0, y: 0, width: 300, height: 100 }
      const crops = uploads.map(({ person, uploadId }) => person.send('POST', '/api/crop', { uploadId, area }))
      // A crop may fail before the test awaits it.
      for (const crop of crops) crop.catch(() => undefined)
      // Each has looked for its draft; one downloads, the others wait.
      await expect.poll(() => [seen.drafts, seen.downloads]).toEqual([count, 1])
      return crops
    },
    ready: () => request(`${address}/readyz`),
    stop: () => stack.stopHost(host.name),
    /** Returns the host's log entries with this message. */
    async logged(message: string): Promise<Record<string, unknown>[]> {
      const lines = (await readFile(join(stateDirectory, 'logs', `${host.name}.log`), 'utf8')).split('\n')
      const entries = lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line))
      return entries.filter(({ msg }) => msg === message)
    },
    async close() {
      releaseCrops()
      await stack.close()
      await proxy.close()
      await removeState(stateDirectory)
    },
  }
}

/** Sends one request with keep-alive. @returns null if the host accepts no connections */
async function request(url: string): Promise<{ status: number; body: string; connection: string | undefined } | null> {
  const agent = new Agent({ keepAlive: true })
  try {
    const [answer] = (await once(get(url, { agent }), 'response')) as [IncomingMessage]
    return { status: answer.statusCode ?? 0, body: await text(answer), connection: answer.headers.connection }
  } catch {
    return null
  } finally {
    agent.destroy()
  }
}

type SlowHost = Awaited<ReturnType<typeof openSlowHost>>

/** A test on its own slow host. */
const test = base.extend<{ drainMs: number; host: SlowHost }>({
  drainMs: [60_000, { option: true }],
  host: async ({ drainMs }, use) => {
    const host = await openSlowHost(drainMs)
    await use(host)
    await host.close()
  },
})

// May include a build.
test.setTimeout(900_000)

const draining = { status: 503, body: 'draining\n', connection: 'close' }

test('SIGTERM: the host turns unready, stops listening, finishes its crops, then exits', async ({ host }) => {
  expect(await host.ready()).toMatchObject({ status: 200, connection: 'keep-alive' })
  const crops = await host.beginCrops(3)
  const ended = host.stop()
  await expect.poll(host.ready).toEqual(draining)
  await expect.poll(host.ready).toBeNull()

  host.releaseCrops()
  for (const crop of crops) expect((await crop).status).toBe(200)
  expect(await ended).toEqual({ code: 143, signal: null })
  expect(await host.logged('draining')).toEqual([expect.objectContaining({ signal: 'SIGTERM', requests: 3 })])
  expect(await host.logged('drained')).toEqual([expect.objectContaining({ crops: 3 })])
})

test('an idle host exits long before DRAIN_MS', { tag: '@long' }, async ({ host }) => {
  expect(await host.stop()).toEqual({ code: 143, signal: null })
  const [drained] = await host.logged('drained')
  // 5 of the 60 seconds are for the balancer to notice.
  expect(drained?.ms).toBeGreaterThan(4_900)
  expect(drained?.ms).toBeLessThan(50_000)
})

test('SIGINT drains too, and a second signal exits at once', async ({ host }) => {
  const [crop] = await host.beginCrops(1)
  process.kill(host.pid, 'SIGINT')
  await expect.poll(host.ready).toEqual(draining)
  expect(await host.stop()).toEqual({ code: 143, signal: null })
  await expect(crop).rejects.toThrow()
  expect(await host.logged('second signal: exiting at once')).toHaveLength(1)
  expect(await host.logged('drained')).toEqual([])
})

test.describe('with more work than fits into DRAIN_MS', () => {
  test.use({ drainMs: 10_000 })

  test('a waiting crop gets 503, and a running one is aborted and counted', async ({ host }) => {
    const crops = await host.beginCrops(2)
    const ended = host.stop()
    const answers = await Promise.allSettled(crops)
    const [answer] = answers.flatMap((settled) => (settled.status === 'fulfilled' ? settled.value : []))
    expect(answer?.status).toBe(503)
    expect(answer?.headers['retry-after']).toBe('1')
    expect(answers.filter(({ status }) => status === 'rejected')).toHaveLength(1)
    expect(await ended).toEqual({ code: 143, signal: null })
    const over = await host.logged('DRAIN_MS is over: exiting with requests unfinished')
    expect(over).toEqual([expect.objectContaining({ level: 50, requests: 1, crops: 1 })])
  })
})

import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { Agent, get, type IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { test as base, expect } from 'playwright/test'
import { portrait } from '@/e2e/photos'
import { startStack } from '@/tools/stack/stack'
import { ApiClient } from '@/tools/testing/api-client'
import type { HttpResponse } from '@/tools/testing/http'
import { findFreePorts } from '@/tools/testing/ports'
import { openStoreProxy } from '@/tools/testing/store-proxy'

/**
 * A host of the build that crops one picture at a time, and a store that keeps the bytes of pictures back: a crop that
 * has begun runs until it is let go on.
 */
async function openSlowHost(drainMs: number) {
  const stateDirectory = await mkdtemp(join(tmpdir(), 'drain-'))
  const [port, storePort] = (await findFreePorts(2, [])) as [number, number]
  let letGoOn = () => {}
  const goingOn = new Promise<void>((resolve) => {
    letGoOn = resolve
  })
  const seen = { drafts: 0, downloads: 0 }
  const proxy = await openStoreProxy(`http://127.0.0.1:${storePort}`, async ({ method, url }, pass) => {
    if (url.includes('prefix=drafts%2F')) seen.drafts += 1
    if (method === 'GET' && url.includes('/incoming/')) {
      seen.downloads += 1
      await goingOn
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
  const [host] = stack.hosts as [(typeof stack.hosts)[number]]
  const address = `http://127.0.0.1:${host.port}`
  const person = await ApiClient.signIn({ origin: stack.origin }, address)
  const photo = await portrait()

  return {
    pid: host.pid as number,
    seen,
    letGoOn,
    /** Asks for so many crops. They are under way, with the bytes of their pictures to come. */
    async beginCrops(count: number): Promise<Promise<HttpResponse>[]> {
      const uploadIds = await Promise.all(Array.from({ length: count }, () => person.upload(photo, 'covers')))
      const area = { x: 0, y: 0, width: 300, height: 100 }
      const crops = uploadIds.map((uploadId) => person.send('POST', '/api/crop', { uploadId, area }))
      // What breaks off later does so before anybody waits for it.
      for (const crop of crops) crop.catch(() => undefined)
      // Each has looked for its draft; all but one wait for a place.
      await expect.poll(() => [seen.drafts, seen.downloads]).toEqual([count, 1])
      return crops
    },
    ready: () => ask(`${address}/readyz`),
    stop: () => stack.stopHost(host.name),
    /** Lines of the host's log with this message. */
    async logged(message: string): Promise<Record<string, unknown>[]> {
      const lines = (await readFile(join(stateDirectory, 'logs', `${host.name}.log`), 'utf8')).split('\n')
      const entries = lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line))
      return entries.filter(({ msg }) => msg === message)
    },
    async close() {
      letGoOn()
      await stack.close()
      await proxy.close()
      await rm(stateDirectory, { recursive: true })
    },
  }
}

/** One request on a connection that would be kept. @returns null where nobody takes connections any more */
async function ask(url: string): Promise<{ status: number; body: string; connection: string | undefined } | null> {
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

/** A test on a slow host of its own. */
const test = base.extend<{ drainMs: number; host: SlowHost }>({
  drainMs: [60_000, { option: true }],
  host: async ({ drainMs }, use) => {
    const host = await openSlowHost(drainMs)
    await use(host)
    await host.close()
  },
})

// A build may have to be made.
test.setTimeout(900_000)

const draining = { status: 503, body: 'draining\n', connection: 'close' }

test('SIGTERM: not ready at once, no connection taken later, crops under way and waiting are made, then the host ends', async ({
  host,
}) => {
  expect(await host.ready()).toMatchObject({ status: 200, connection: 'keep-alive' })
  const crops = await host.beginCrops(3)
  const ended = host.stop()
  await expect.poll(host.ready).toEqual(draining)
  await expect.poll(host.ready).toBeNull()

  host.letGoOn()
  for (const crop of crops) expect((await crop).status).toBe(200)
  expect(await ended).toEqual({ code: 143, signal: null })
  expect(await host.logged('draining')).toEqual([expect.objectContaining({ signal: 'SIGTERM', requests: 3 })])
  expect(await host.logged('drained')).toEqual([expect.objectContaining({ crops: 3 })])
})

test('with nothing under way it ends long before DRAIN_MS', async ({ host }) => {
  expect(await host.stop()).toEqual({ code: 143, signal: null })
  const [drained] = await host.logged('drained')
  // The balancer's time is 5 seconds of the 60.
  expect(drained?.ms).toBeGreaterThan(4_900)
  expect(drained?.ms).toBeLessThan(50_000)
})

test('SIGINT drains alike, and a second signal ends the host at once, whatever it is doing', async ({ host }) => {
  const [crop] = await host.beginCrops(1)
  process.kill(host.pid, 'SIGINT')
  await expect.poll(host.ready).toEqual(draining)
  expect(await host.stop()).toEqual({ code: 143, signal: null })
  await expect(crop).rejects.toThrow()
  expect(await host.logged('second signal: exiting at once')).toHaveLength(1)
  expect(await host.logged('drained')).toEqual([])
})

test.describe('with more to do than DRAIN_MS bears', () => {
  test.use({ drainMs: 10_000 })

  test('who waits is told to try elsewhere, and what still runs is ended and counted', async ({ host }) => {
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

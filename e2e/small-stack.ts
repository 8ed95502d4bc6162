import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startStack } from '@/tools/stack/stack'
import { findFreePorts } from '@/tools/testing/ports'
import { openStoreGate, type StoreGate } from './store-gate'
import { test as base } from './test'

/** The limits of the small stack, low enough to be met. */
export const smallLimits = { uploadBytes: 200_000, pixels: 3_000_000, pictures: 3 }

/** A line of a host's log. */
interface LogEntry {
  /** 30 info, 40 warning, 50 error. */
  level: number
  /** ISO 8601. */
  time: string
  msg: string
}

export interface SmallStack {
  origin: string
  /** Between the hosts and the store. */
  hostsGate: StoreGate
  /** Between browsers and the store. */
  browserGate: StoreGate
  storeOrigin: string
  hosts: string[]
  /** The hosts' processes, for tests that bypass the balancer. */
  processes: { port: number; pid: number | undefined }[]
  killHost(name: string): Promise<unknown>
  restartHost(name: string): Promise<void>
  /** What the hosts have logged since then. */
  hostLog(since: Date): Promise<LogEntry[]>
}

/**
 * A test on a stack of its own, of the same build: two hosts, low limits, and gates before the store, so that
 * breaking it takes nothing from other tests. Whatever a test has shut or killed stands again before the next.
 */
export const test = base.extend<{ stack: SmallStack }, { smallStack: SmallStack }>({
  smallStack: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads from the pattern what a fixture needs
    async ({}, use) => {
      const [port, storePort, hostsPort, browserPort] = (await findFreePorts(4, [])) as [number, number, number, number]
      const stateDirectory = await mkdtemp(join(tmpdir(), 'small-stack-'))
      const [hostsGate, browserGate] = await Promise.all([
        openStoreGate(hostsPort, storePort),
        openStoreGate(browserPort, storePort),
      ])
      const lines: string[] = []
      const stack = await startStack({
        store: 'bundled',
        stateDirectory,
        port,
        storePort,
        hosts: 2,
        env: {
          AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${hostsPort}`,
          S3_PUBLIC_ENDPOINT: `http://localhost:${browserPort}`,
          MAX_UPLOAD_BYTES: String(smallLimits.uploadBytes),
          MAX_PIXELS: String(smallLimits.pixels),
          USER_QUOTA: String(smallLimits.pictures),
          CROP_CONCURRENCY: '1',
          CROP_QUEUE: '1',
          // The default of 30 s is a long wait for a test of a store that never answers.
          STORE_TIMEOUT_MS: '12000',
        },
        log: (line) => lines.push(line),
      })
      await use({
        origin: stack.origin,
        hostsGate,
        browserGate,
        storeOrigin: `http://localhost:${browserPort}`,
        hosts: stack.hosts.map(({ name }) => name),
        processes: stack.hosts,
        killHost: stack.killHost,
        restartHost: stack.restartHost,
        hostLog: (since) =>
          readHostLog(
            stack.hosts.map(({ name }) => join(stateDirectory, 'logs', `${name}.log`)),
            since,
          ),
      })
      await Promise.all([hostsGate.shut(), browserGate.shut()])
      await stack.close()
      await rm(stateDirectory, { recursive: true })
    },
    // A build may have to be made, where the site's own stack was started by hand.
    { scope: 'worker', timeout: 600_000 },
  ],
  stack: async ({ smallStack }, use) => {
    await use(smallStack)
    await Promise.all([smallStack.hostsGate.open(), smallStack.browserGate.open()])
  },
  baseURL: async ({ smallStack }, use) => use(smallStack.origin),
})

async function readHostLog(files: string[], since: Date): Promise<LogEntry[]> {
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')))
  // Next's own lines are plain text; the last line of a file may still be on its way.
  const lines = texts.flatMap((text) => text.split('\n')).filter((line) => line.startsWith('{') && line.endsWith('}'))
  return lines.map((line): LogEntry => JSON.parse(line)).filter(({ time }) => new Date(time) >= since)
}

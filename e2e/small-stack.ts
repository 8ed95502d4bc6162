import { mkdtemp, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startStack } from '@/tools/stack/stack'
import { findFreePorts } from '@/tools/testing/ports'
import { removeState } from './state'
import { openStoreGate, type StoreGate } from './store-gate'
import { test as base } from './test'

/** Limits of the small stack, low enough for tests to reach. */
export const smallLimits = { uploadBytes: 200_000, pixels: 3_000_000, images: 3 }

/** One line of a host's log. */
interface LogEntry {
  /** 30 info, 40 warning, 50 error. */
  level: number
  /** ISO 8601. */
  time: string
  msg: string
}

export interface SmallStack {
  origin: string
  /** The gate between hosts and store. */
  hostsGate: StoreGate
  /** The gate between browsers and store. */
  browserGate: StoreGate
  storeOrigin: string
  hosts: string[]
  /** The hosts' processes, for tests that bypass the balancer. */
  processes: { port: number; pid: number | undefined }[]
  killHost(name: string): Promise<unknown>
  restartHost(name: string): Promise<void>
  /** Returns the hosts' log lines since a time. */
  hostLog(since: Date): Promise<LogEntry[]>
  /** Returns what the hosts have printed that is not JSON, apart from Next's lines before the first line of a host. */
  otherOutput(): Promise<string[]>
}

/**
 * A test on its own stack of the same build: two hosts, low limits, and gates in front of the store.
 * Both gates are opened again after each test.
 */
export const test = base.extend<{ stack: SmallStack }, { smallStack: SmallStack }>({
  smallStack: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads a fixture's dependencies from this pattern
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
          USER_QUOTA: String(smallLimits.images),
          CROP_CONCURRENCY: '1',
          CROP_QUEUE: '1',
          // The default of 30 s makes tests of an unresponsive store slow.
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
        get processes() {
          return stack.hosts
        },
        killHost: stack.killHost,
        restartHost: stack.restartHost,
        hostLog: async (since) => {
          const texts = await readLogs(stateDirectory, stack.hosts)
          const lines = texts.flatMap((text) => text.split('\n')).filter(isJson)
          return lines.map((line): LogEntry => JSON.parse(line)).filter(({ time }) => new Date(time) >= since)
        },
        otherOutput: async () => {
          const texts = await readLogs(stateDirectory, stack.hosts)
          const afterStart = texts.flatMap((text) =>
            text.slice(text.indexOf('"msg":"host starts"')).split('\n').slice(1),
          )
          return afterStart.filter((line) => line && !isJson(line))
        },
      })
      await Promise.all([hostsGate.shut(), browserGate.shut()])
      await stack.close()
      await removeState(stateDirectory)
    },
    // May include a build, if the site's stack was started by hand.
    { scope: 'worker', timeout: 600_000 },
  ],
  stack: async ({ smallStack }, use) => {
    await use(smallStack)
    await Promise.all([smallStack.hostsGate.open(), smallStack.browserGate.open()])
  },
  baseURL: async ({ smallStack }, use) => use(smallStack.origin),
})

function readLogs(stateDirectory: string, hosts: { name: string }[]): Promise<string[]> {
  return Promise.all(hosts.map(({ name }) => readFile(join(stateDirectory, 'logs', `${name}.log`), 'utf8')))
}

/** Whether a line is one of the log. The last line of a file may be incomplete. */
function isJson(line: string): boolean {
  return line.startsWith('{') && line.endsWith('}')
}

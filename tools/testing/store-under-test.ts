import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startStore } from '@/tools/s3-store/server'

/** A store that the contract suites run against. */
export interface StoreUnderTest {
  /** `bundled`, `ceph`, or `endpoint`: any other one, given by environment. */
  name: 'bundled' | 'ceph' | 'endpoint'
  endpoint: string
  region: string
  accessKeyId: string
  secretAccessKey: string
  /** How long a "day" of a lifecycle rule lasts, in seconds: 86,400 on a store that is not made for tests. */
  lifecycleDaySeconds: number
  /** Whether its clock is the one handed to `openStoreUnderTest`. Others run by their own. */
  followsOurClock: boolean
  /** What went wrong inside the store itself, as far as it tells us: empty after a good run. */
  faults: readonly string[]
  close(): Promise<void>
}

/**
 * The store named by `TEST_STORE` with its `TEST_STORE_*` variables, which `npm run contract` sets; without them a
 * bundled one, in a directory of its own, in this process.
 * @param now the bundled store's clock
 */
export async function openStoreUnderTest(
  options: { now?: () => Date; lifecycleDaySeconds?: number } = {},
): Promise<StoreUnderTest> {
  const name = process.env.TEST_STORE || 'bundled'
  if (name === 'bundled') return startBundled(options)
  if (name !== 'ceph' && name !== 'endpoint')
    throw new Error(`TEST_STORE is ${name}; it can be bundled, ceph, endpoint`)
  return {
    name,
    endpoint: given('TEST_STORE_ENDPOINT'),
    region: given('TEST_STORE_REGION'),
    accessKeyId: given('TEST_STORE_ACCESS_KEY_ID'),
    secretAccessKey: given('TEST_STORE_SECRET_ACCESS_KEY'),
    lifecycleDaySeconds: Number(process.env.TEST_STORE_LIFECYCLE_DAY_SECONDS || 86_400),
    followsOurClock: false,
    faults: [],
    close: async () => {},
  }
}

async function startBundled(options: { now?: () => Date; lifecycleDaySeconds?: number }): Promise<StoreUnderTest> {
  const account = { region: 'eu-central-1', accessKeyId: 'TESTKEY', secretAccessKey: 'a-secret-for-tests-only' }
  const directory = await mkdtemp(join(tmpdir(), 'store-under-test-'))
  const faults: string[] = []
  const store = await startStore({ directory, port: 0, ...account, ...options, log: (line) => faults.push(line) })
  return {
    name: 'bundled',
    endpoint: store.endpoint,
    ...account,
    lifecycleDaySeconds: options.lifecycleDaySeconds ?? 86_400,
    followsOurClock: true,
    faults,
    close: async () => {
      await store.close()
      await rm(directory, { recursive: true })
    },
  }
}

function given(variable: string): string {
  const value = process.env[variable]
  if (!value) throw new Error(`TEST_STORE is ${process.env.TEST_STORE}, and ${variable} is not set`)
  return value
}

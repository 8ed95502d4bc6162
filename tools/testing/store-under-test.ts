import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startStore } from '@/tools/s3-store/server'

/** A store for the contract tests. */
export interface StoreUnderTest {
  /** `endpoint` is any other store, from environment variables. */
  name: 'bundled' | 'ceph' | 'endpoint'
  endpoint: string
  region: string
  accessKeyId: string
  secretAccessKey: string
  /** Another user of the store, without rights. Only Ceph has one. */
  otherUser?: { name: string; accessKeyId: string; secretAccessKey: string }
  /** Length of a "day" of a lifecycle rule, in seconds: 86,400 except on stores for tests. */
  lifecycleDaySeconds: number
  /** Whether the store uses the clock of `openStoreUnderTest`. Other stores have their own. */
  followsOurClock: boolean
  /** Internal errors that the store reported. */
  faults: readonly string[]
  close(): Promise<void>
}

/**
 * Opens the store of the `TEST_STORE_*` variables, which `npm run contract` sets. Default: a bundled store in this process
 * with its own directory.
 * @param now the clock of the bundled store
 */
export async function openStoreUnderTest(
  options: { now?: () => Date; lifecycleDaySeconds?: number } = {},
): Promise<StoreUnderTest> {
  const name = process.env.TEST_STORE || 'bundled'
  if (name === 'bundled') return startBundled(options)
  if (name !== 'ceph' && name !== 'endpoint')
    throw new Error(`Invalid value: TEST_STORE=${name}. Use bundled, ceph or endpoint.`)
  return {
    name,
    endpoint: requireVariable('TEST_STORE_ENDPOINT'),
    region: requireVariable('TEST_STORE_REGION'),
    accessKeyId: requireVariable('TEST_STORE_ACCESS_KEY_ID'),
    secretAccessKey: requireVariable('TEST_STORE_SECRET_ACCESS_KEY'),
    lifecycleDaySeconds: Number(process.env.TEST_STORE_LIFECYCLE_DAY_SECONDS || 86_400),
    ...(name === 'ceph' && {
      otherUser: {
        name: requireVariable('TEST_STORE_OTHER_USER'),
        accessKeyId: requireVariable('TEST_STORE_OTHER_ACCESS_KEY_ID'),
        secretAccessKey: requireVariable('TEST_STORE_OTHER_SECRET_ACCESS_KEY'),
      },
    }),
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

function requireVariable(variable: string): string {
  const value = process.env[variable]
  if (!value) throw new Error(`TEST_STORE=${process.env.TEST_STORE} needs ${variable}`)
  return value
}

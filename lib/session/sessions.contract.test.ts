import { randomBytes } from 'node:crypto'
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  S3Client,
  type ServiceInputTypes,
  type ServiceOutputTypes,
} from '@aws-sdk/client-s3'
import type { BuildMiddleware } from '@smithy/types'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { openStoreUnderTest, type StoreUnderTest } from '@/tools/testing/store-under-test'
import { userOf } from './user'

/** The browser: its cookies. */
const browser = vi.hoisted(() => ({ cookies: new Map<string, string>() }))

vi.mock('next/headers', () => ({
  cookies: async () => ({
    get: (name: string) => (browser.cookies.has(name) ? { name, value: browser.cookies.get(name) } : undefined),
    set: (name: string, value: string, { maxAge }: { maxAge: number }) =>
      maxAge > 0 ? browser.cookies.set(name, value) : browser.cookies.delete(name),
  }),
}))

const RealDate = Date
/** How far time has advanced, of store and hosts. */
let aheadMs = 0
/** How far the clock of the host that runs is ahead of the store's. */
let skewMs = 0
/** What `performance.now()` has advanced. */
let elapsedMs = 0

class MovedDate extends RealDate {
  constructor(...args: unknown[]) {
    super(...((args.length === 0 ? [MovedDate.now()] : args) as [number]))
  }
  static override now(): number {
    return RealDate.now() + aheadMs + skewMs
  }
}

let store: StoreUnderTest
let s3: S3Client
const bucketName = `sessions-${randomBytes(8).toString('hex')}`

beforeAll(async () => {
  store = await openStoreUnderTest({ now: () => new RealDate(RealDate.now() + aheadMs) })
  const { endpoint, region, accessKeyId, secretAccessKey } = store
  s3 = new S3Client({ endpoint, region, credentials: { accessKeyId, secretAccessKey }, forcePathStyle: true })
  await s3.send(new CreateBucketCommand({ Bucket: bucketName }))
  const realNow = performance.now.bind(performance)
  vi.spyOn(performance, 'now').mockImplementation(() => realNow() + elapsedMs)
})
afterAll(() => store.close())

beforeEach(() => {
  vi.stubGlobal('Date', MovedDate)
  browser.cookies.clear()
  ada.subject = randomBytes(8).toString('hex')
})
afterEach(() => {
  vi.unstubAllGlobals()
  aheadMs = 0
})

const ada = { issuer: 'https://login.example.org', subject: '', name: 'Ada', email: 'ada@example.org' }

/** Starts a host as a module graph with its own clock. */
async function startHost({ clockAheadMs = 0, endpoint = store.endpoint } = {}) {
  const variables = {
    APP_ORIGIN: 'http://localhost:3000',
    AWS_REGION: store.region,
    AWS_ACCESS_KEY_ID: store.accessKeyId,
    AWS_SECRET_ACCESS_KEY: store.secretAccessKey,
    AWS_ENDPOINT_URL_S3: endpoint,
    S3_FORCE_PATH_STYLE: 'true',
    S3_BUCKET: bucketName,
    AUTH_MODE: 'oidc',
    OIDC_ISSUER: ada.issuer,
    OIDC_CLIENT_ID: 'anyhost',
    OIDC_ALLOW_EVERYONE: 'true',
    SESSION_SECRETS: 's'.repeat(32),
    SESSION_MAX_HOURS: '20',
  }
  vi.unstubAllEnvs()
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value)
  vi.resetModules()
  const values = new Map<string, unknown>()
  vi.doMock('@/lib/per-process', () => ({
    perProcess: (name: string, create: () => unknown) => {
      if (!values.has(name)) values.set(name, create())
      return values.get(name)
    },
  }))
  const [account, { replaceEpoch }, { bucketOf }, { defaultCollection }] = await Promise.all([
    import('./account'),
    import('./epoch'),
    import('@/lib/images/storage/buckets'),
    import('@/lib/images/collections'),
  ])
  let requests = 0
  const bucket = bucketOf(defaultCollection)
  const count: BuildMiddleware<ServiceInputTypes, ServiceOutputTypes> = (next) => (args) => {
    requests += 1
    return next(args)
  }
  bucket.client.middlewareStack.add(count, { step: 'build' })
  const here = async <T>(work: () => Promise<T>): Promise<T> => {
    skewMs = clockAheadMs
    try {
      return await work()
    } finally {
      skewMs = 0
    }
  }
  return {
    signIn: () => here(() => account.startAccount(ada)),
    whoAmI: () => here(account.readAccount),
    signOutEverywhere: () => here(() => replaceEpoch(userOf(ada).uid)),
    /** What a page view does to the cookie. */
    visit: () =>
      here(async () => {
        const renewed = await account.renewAccount(browser.cookies.get('account') ?? '')
        if (renewed) browser.cookies.set(renewed.name, renewed.value)
        return renewed !== null
      }),
    /** Returns how many requests to the store the work needs. */
    async countRequests(work: () => Promise<unknown>): Promise<number> {
      const before = requests
      await work()
      return requests - before
    },
  }
}

const minuteMs = 60_000
const hourMs = 60 * minuteMs

test('S32: signing out everywhere ends sessions on hosts with wrong clocks within 30 s', async () => {
  const hosts = [
    await startHost(),
    await startHost({ clockAheadMs: 10 * minuteMs }),
    await startHost({ clockAheadMs: -10 * minuteMs }),
  ] as const
  // A host corrects its clock with its first answer from the store, before it is ready.
  for (const host of hosts) await host.whoAmI()
  for (const host of hosts) {
    await host.signIn()
    for (const other of hosts) expect(await other.whoAmI()).toEqual(ada)
    await host.signOutEverywhere()
    expect(await host.whoAmI()).toBeNull()
    elapsedMs += 30_000
    for (const other of hosts) expect(await other.whoAmI()).toBeNull()
  }
})

test('S32: a session that begins after that is valid at once on every host', async () => {
  const [first, second] = [await startHost(), await startHost()]
  await first.signIn()
  expect(await second.whoAmI()).toEqual(ada)
  await first.signOutEverywhere()
  await first.signIn()
  expect(await second.whoAmI()).toEqual(ada)
})

test('S32: without an epoch in the store, no session is valid', async () => {
  const host = await startHost()
  await host.signIn()
  const { uid } = userOf(ada)
  const Key = `users/${uid}/v1/epoch`
  const epoch = await (await s3.send(new GetObjectCommand({ Bucket: bucketName, Key }))).Body?.transformToString()
  expect(epoch).toMatch(/^[0-9a-v]{16}$/)
  await s3.send(new DeleteObjectCommand({ Bucket: bucketName, Key }))
  elapsedMs += 30_000
  expect(await host.whoAmI()).toBeNull()
})

test('reads the epoch once in 30 seconds', async () => {
  const host = await startHost()
  await host.signIn()
  expect(await host.countRequests(host.whoAmI)).toBe(0)
  elapsedMs += 29_000
  expect(await host.countRequests(host.whoAmI)).toBe(0)
  elapsedMs += 1_000
  expect(await host.countRequests(() => Promise.all([host.whoAmI(), host.whoAmI()]))).toBe(1)
  expect(await host.countRequests(host.whoAmI)).toBe(0)
})

test('an outage of the store is no sign-out', async () => {
  const host = await startHost()
  await host.signIn()
  const alone = await startHost({ endpoint: 'http://127.0.0.1:9' })
  await expect(alone.whoAmI()).rejects.toThrow()
  expect(await host.whoAmI()).toEqual(ada)
})

// Other stores have clocks that a test cannot move.
const canMoveTime = (process.env.TEST_STORE || 'bundled') === 'bundled'

/** Moves time, and lets the host notice: it corrects its clock with each answer. */
function pass(ms: number): void {
  aheadMs += ms
  elapsedMs += ms
}

test.runIf(canMoveTime)('a session ends after eight hours without use', async () => {
  const host = await startHost()
  await host.signIn()
  pass(8 * hourMs - 2 * minuteMs)
  expect(await host.whoAmI()).toEqual(ada)
  pass(4 * minuteMs)
  expect(await host.whoAmI()).toBeNull()
})

test.runIf(canMoveTime)('use prolongs a session, at most to SESSION_MAX_HOURS', async () => {
  const host = await startHost()
  await host.signIn()
  expect(await host.visit()).toBe(false)
  pass(7 * hourMs)
  expect(await host.visit()).toBe(true)
  expect(await host.visit()).toBe(false)
  pass(7 * hourMs)
  expect(await host.whoAmI()).toEqual(ada)
  expect(await host.visit()).toBe(true)
  pass(6 * hourMs - minuteMs)
  expect(await host.whoAmI()).toEqual(ada)
  await host.visit()
  pass(2 * minuteMs)
  expect(await host.whoAmI()).toBeNull()
  expect(await host.visit()).toBe(false)
})

import { randomBytes } from 'node:crypto'
import { DeleteBucketCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3'
import { afterAll, afterEach, beforeAll, beforeEach, expect, vi } from 'vitest'
import { prepareBuckets } from '@/tools/testing/prepare-bucket'
import { type Intercept, openStoreProxy } from '@/tools/testing/store-proxy'
import { openStoreUnderTest, type StoreUnderTest } from '@/tools/testing/store-under-test'

export const appOrigin = 'https://me.example.org'

/** Two buckets of a real store, which a test breaks and a host checks. */
export interface CheckedBuckets {
  bucket: string
  covers: string
  /** The store of the tests. Only available in tests. */
  store(): StoreUnderTest
  /** A client with all rights. Only available in tests. */
  s3(): S3Client
  /** Sets the variables of a host that uses this endpoint of the store. */
  setVariables(endpoint: string, variables?: Record<string, string>): void
  /**
   * Runs the self-check on a store whose answers a proxy changes.
   * @returns the names of all checks, and the results that are not ok
   */
  selfCheck(
    variables?: Record<string, string>,
    bend?: Intercept,
  ): Promise<{ all: string[]; bad: string[]; texts: string }>
}

/** Sets up the buckets for the tests of a file. After each test they must be empty: every check deletes its objects. */
export function setUpCheckedBuckets(): CheckedBuckets {
  const names = [0, 1].map(() => `self-check-${randomBytes(8).toString('hex')}`) as [string, string]
  const [bucket, covers] = names
  let store: StoreUnderTest
  let s3: S3Client

  beforeAll(async () => {
    // The real time, while tests fake this process's clock.
    store = await openStoreUnderTest({ now: () => new Date(performance.timeOrigin + performance.now()) })
    const { endpoint, region, accessKeyId, secretAccessKey } = store
    s3 = new S3Client({ endpoint, region, credentials: { accessKeyId, secretAccessKey }, forcePathStyle: true })
  })
  beforeEach(() => prepareBuckets(store, names, appOrigin))
  afterEach(async () => {
    vi.useRealTimers()
    vi.unstubAllEnvs()
    for (const Bucket of names) {
      const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket }))
      expect(Contents).toBeUndefined()
    }
  })
  afterAll(async () => {
    for (const Bucket of names) await s3.send(new DeleteBucketCommand({ Bucket }))
    expect(store.faults).toEqual([])
    s3.destroy()
    await store.close()
  })

  function setVariables(endpoint: string, variables: Record<string, string> = {}): void {
    const environment = {
      APP_ORIGIN: appOrigin,
      AWS_REGION: store.region,
      AWS_ACCESS_KEY_ID: store.accessKeyId,
      AWS_SECRET_ACCESS_KEY: store.secretAccessKey,
      AWS_ENDPOINT_URL_S3: endpoint,
      S3_FORCE_PATH_STYLE: 'true',
      S3_BUCKET: bucket,
      S3_BUCKET_COVERS: covers,
      AUTH_MODE: 'guest',
      ALLOW_PUBLIC_GUESTS: 'true',
      SESSION_SECRETS: 's'.repeat(32),
      ...variables,
    }
    for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value)
    vi.resetModules()
  }

  return {
    bucket,
    covers,
    store: () => store,
    s3: () => s3,
    setVariables,
    async selfCheck(variables = {}, bend = (_, pass) => pass()) {
      const proxy = await openStoreProxy(store.endpoint, bend)
      try {
        setVariables(proxy.endpoint, variables)
        const { checkBuckets } = await import('@/lib/host/self-check')
        const checks = await checkBuckets()
        const bad = checks.filter(({ verdict }) => verdict !== 'ok')
        return {
          all: checks.map(({ check, bucket: name }) => `${check} ${name}`).sort(),
          bad: bad.map(({ check, bucket: name, verdict }) => `${check} ${name} ${verdict}`).sort(),
          texts: bad.map(({ message, fix }) => `${message} ${fix}`).join('\n'),
        }
      } finally {
        await proxy.close()
      }
    },
  }
}

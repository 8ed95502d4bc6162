import { randomBytes } from 'node:crypto'
import { DeleteBucketCommand, DeleteBucketLifecycleCommand, S3Client } from '@aws-sdk/client-s3'
import { expect, vi } from 'vitest'
import { type Bucket, connectBucket } from '@/lib/s3/client'
import { deleteObjects, listAllObjects } from '@/lib/s3/objects'
import { presignedPath, type SignedRequest, send, sendSigned } from '@/tools/s3-store/signed-request'
import { prepareBuckets } from '@/tools/testing/prepare-bucket'
import { openStoreUnderTest, type StoreUnderTest } from '@/tools/testing/store-under-test'

/** The only origin that the CORS rules of the buckets allow. */
export const appOrigin = 'https://me.example.org'

/** The store under test, with two buckets configured for the app, and functions to send requests to it. */
export type Subject = Awaited<ReturnType<typeof openSubject>>

type PresignedRequest = Omit<Parameters<typeof presignedPath>[1], 'region'>

/**
 * Opens the store under test with two new buckets, so that parallel runs on the same server do not affect each other.
 * @param lifecycleDaySeconds the length of a lifecycle day, which only the bundled store supports. Without it the buckets
 *   have no lifecycle rules, so that objects do not expire during a test on a server with short days
 */
export async function openSubject(lifecycleDaySeconds?: number) {
  const store = await openStoreUnderTest(lifecycleDaySeconds === undefined ? {} : { lifecycleDaySeconds })
  const { endpoint } = store
  const account = accountOf(store)
  // The app's client reads its credentials from the environment, as on a host.
  vi.stubEnv('AWS_ACCESS_KEY_ID', account.accessKeyId)
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', account.secretAccessKey)
  vi.stubEnv('AWS_SESSION_TOKEN', undefined)
  const names = { bucket: bucketName(), otherBucket: bucketName() }
  await prepareBuckets({ endpoint, ...account }, [names.bucket, names.otherBucket], appOrigin)
  const connect = (name: string): Bucket =>
    connectBucket({
      name,
      endpoint,
      region: store.region,
      publicEndpoint: undefined,
      forcePathStyle: true,
      timeoutMs: 7_500,
    })
  const bucket = connect(names.bucket)
  const otherBucket = connect(names.otherBucket)
  const s3 = createClient(store)
  if (lifecycleDaySeconds === undefined) {
    for (const Bucket of Object.values(names)) await s3.send(new DeleteBucketLifecycleCommand({ Bucket }))
  }
  return {
    store,
    endpoint,
    account,
    /** A bucket as the app uses it. */
    bucket,
    otherBucket,
    /** A client of the SDK without retries, so that a test gets the first response. */
    s3,
    /** Returns the path of a key, encoded as S3 requires. */
    pathOf: (key: string, name = bucket.name) => `/${name}/${key.split('/').map(encodeStrictly).join('/')}`,
    send: (request: Parameters<typeof send>[1]) => send(endpoint, request),
    sendSigned: (request: SignedRequest) => sendSigned(endpoint, { ...account, ...request }),
    presignedPath: (request: PresignedRequest) => presignedPath(endpoint, { ...account, ...request }),
    /** Returns key, size and time of all objects in both buckets. */
    everything: async () => {
      const all = await Promise.all([bucket, otherBucket].map((one) => listAllObjects(one, '')))
      return all.flat().map(({ key, size, lastModified }) => [key, size, lastModified.getTime()])
    },
    end: async () => {
      for (const one of [bucket, otherBucket]) {
        const objects = await listAllObjects(one, '')
        await deleteObjects(
          one,
          objects.map(({ key }) => key),
        )
        await s3.send(new DeleteBucketCommand({ Bucket: one.name }))
      }
      expect(store.faults).toEqual([])
      await store.close()
      vi.unstubAllEnvs()
    },
  }
}

/** Creates a client of the SDK with the settings for stores other than AWS. */
export function createClient(store: StoreUnderTest, secretAccessKey = store.secretAccessKey): S3Client {
  return new S3Client({
    endpoint: store.endpoint,
    region: store.region,
    credentials: { accessKeyId: store.accessKeyId, secretAccessKey },
    forcePathStyle: true,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    maxAttempts: 1,
  })
}

function accountOf({ region, accessKeyId, secretAccessKey }: StoreUnderTest) {
  return { region, accessKeyId, secretAccessKey }
}

function bucketName(): string {
  return `anyhost-contract-${randomBytes(8).toString('hex')}`
}

/** Percent-encodes as SigV4 requires (RFC 3986). */
function encodeStrictly(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

import { randomBytes } from 'node:crypto'
import { DeleteBucketCommand, DeleteBucketLifecycleCommand, S3Client } from '@aws-sdk/client-s3'
import { expect, vi } from 'vitest'
import { type Bucket, connectBucket } from '@/lib/s3/client'
import { deleteObjects, listAllObjects } from '@/lib/s3/objects'
import { presignedPath, type SignedRequest, send, sendSigned } from '@/tools/s3-store/signed-request'
import { prepareBuckets } from '@/tools/testing/prepare-bucket'
import { openStoreUnderTest, type StoreUnderTest } from '@/tools/testing/store-under-test'

/** The one origin whose pages may use the buckets. */
export const appOrigin = 'https://me.example.org'

/** The store under test, with two buckets in it that are made ready as the app wants them, and ways to talk to them. */
export type Subject = Awaited<ReturnType<typeof openSubject>>

type PresignedRequest = Omit<Parameters<typeof presignedPath>[1], 'region'>

/**
 * Opens the store under test with buckets of this run's own, so that runs beside it on the same server see nothing of it.
 * @param lifecycleDaySeconds how long a lifecycle's day lasts, where we may choose that: in the bundled store. Without
 *   it the buckets have no lifecycle rules: on a server whose days are short, nothing vanishes under a test
 */
export async function openSubject(lifecycleDaySeconds?: number) {
  const store = await openStoreUnderTest(lifecycleDaySeconds === undefined ? {} : { lifecycleDaySeconds })
  const { endpoint } = store
  const account = accountOf(store)
  // The app's client takes its credentials from the environment, as on a host.
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
    /** As the app holds it. */
    bucket,
    otherBucket,
    /** The SDK's client, which tries once: a test sees the first answer. */
    s3,
    /** The path of a key, encoded as S3 wants it. */
    pathOf: (key: string, name = bucket.name) => `/${name}/${key.split('/').map(encodeStrictly).join('/')}`,
    send: (request: Parameters<typeof send>[1]) => send(endpoint, request),
    sendSigned: (request: SignedRequest) => sendSigned(endpoint, { ...account, ...request }),
    presignedPath: (request: PresignedRequest) => presignedPath(endpoint, { ...account, ...request }),
    /** Keys and ETags of all that stands in both buckets. */
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

/** A client of the SDK's own, set up as stores that are not AWS need it. */
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

/** RFC 3986, as SigV4 wants it. */
function encodeStrictly(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CreateBucketCommand, S3Client, type S3ClientConfig } from '@aws-sdk/client-s3'
import { type RunningStore, type StoreOptions, startStore } from './server'

/** The account that tests sign with. */
export const account = { region: 'eu-central-1', accessKeyId: 'DEVELOPMENTKEY', secretAccessKey: 'development/secret' }

/** A store in a temporary directory, with a bucket and a client. `faults` are its log lines; tests expect none. */
export type TestStore = {
  store: RunningStore
  s3: S3Client
  bucket: string
  directory: string
  faults: string[]
  /** Closes the store and starts a new one on the same directory. */
  restart: () => Promise<void>
  end: () => Promise<void>
}

export async function startTestStore(options: Partial<StoreOptions> = {}): Promise<TestStore> {
  const directory = await mkdtemp(join(tmpdir(), 'store-'))
  const faults: string[] = []
  const start = () => startStore({ directory, port: 0, ...account, log: (line) => faults.push(line), ...options })
  const store = await start()
  const test: TestStore = {
    store,
    s3: createClient(store.endpoint),
    bucket: 'pictures',
    directory,
    faults,
    restart: async () => {
      await test.store.close()
      test.store = await start()
      test.s3 = createClient(test.store.endpoint)
    },
    end: async () => {
      await test.store.close()
      await rm(directory, { recursive: true })
    },
  }
  await test.s3.send(new CreateBucketCommand({ Bucket: test.bucket }))
  return test
}

/** Creates a client with the settings that the app uses for stores other than AWS. */
export function createClient(endpoint: string, config: S3ClientConfig = {}): S3Client {
  return new S3Client({
    endpoint,
    region: account.region,
    credentials: account,
    forcePathStyle: true,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    maxAttempts: 1,
    ...config,
  })
}

import 'server-only'
import {
  S3Client,
  type S3ClientConfig,
  S3ServiceException,
  type ServiceInputTypes,
  type ServiceOutputTypes,
} from '@aws-sdk/client-s3'
import type { FinalizeRequestMiddleware } from '@smithy/types'
import { createStoreClock, type StoreClock } from './clock'
import { maxAttempts, patientRetries } from './retries'

/** A bucket with what it takes to talk to it. */
export interface Bucket {
  name: string
  client: S3Client
  /** Signs for the browser: the same store, by the address that browsers know. */
  presigner: S3Client
  clock: StoreClock
}

export interface BucketOptions {
  name: string
  region: string
  /** Address of an S3-compatible store; undefined means AWS. */
  endpoint: string | undefined
  /** The store as the browser reaches it, where that differs. */
  publicEndpoint: string | undefined
  forcePathStyle: boolean
  /** How long a store that has taken a connection may say nothing before it is asked anew, in milliseconds. */
  timeoutMs: number
}

/** Makes the client of a bucket. Credentials come from the SDK's default chain; nothing is sent yet. */
export function connectBucket(options: BucketOptions): Bucket {
  const clock = createStoreClock()
  const client = createClient(options, options.endpoint)
  const presigner = createClient(options, options.publicEndpoint ?? options.endpoint)
  client.middlewareStack.add(
    (next) => async (args) => {
      const sentAt = Date.now()
      const answer = await next(args)
      const headers = (answer.response as { headers?: Record<string, string> }).headers
      if (headers?.date) clock.observe(headers.date, sentAt, Date.now())
      // The SDK corrects the clock of the client that sends; the one that only signs never hears from the store.
      presigner.config.systemClockOffset = clock.offsetMs
      return answer
    },
    // Below deserialisation, so that answers that become errors are observed too, and inside the retry loop.
    { step: 'deserialize', name: 'observeStoreClock', priority: 'low' },
  )
  client.middlewareStack.addRelativeTo(judgeByClock(client), {
    name: 'judgeByClock',
    // Inside the retry loop, and outside of the signer, whose word it takes back.
    relation: 'after',
    toMiddleware: 'retryMiddleware',
  })
  return { name: options.name, client, presigner, clock }
}

/**
 * On a host whose clock is off by minutes the SDK takes every failed answer for one that a corrected clock would mend,
 * and tries it again: a plain 404 four times. Only a 403 can be about the clock. And of requests that are refused side
 * by side, when a clock was put right, it takes the first only for one that the correction mends.
 */
const judgeByClock =
  ({ config }: S3Client): FinalizeRequestMiddleware<ServiceInputTypes, ServiceOutputTypes> =>
  (next) =>
  async (args) => {
    const signedWithOffset = config.systemClockOffset
    try {
      return await next(args)
    } catch (error) {
      if (error instanceof S3ServiceException) {
        if (error.$metadata.httpStatusCode !== 403) Object.assign(error.$metadata, { clockSkewCorrected: false })
        // Which of the 403s it is, the answer to a HEAD does not tell.
        else if (config.systemClockOffset !== signedWithOffset) {
          Object.assign(error.$metadata, { clockSkewCorrected: true })
        }
      }
      throw error
    }
  }

function createClient(options: BucketOptions, endpoint: string | undefined): S3Client {
  const { timeoutMs } = options
  const config: S3ClientConfig = {
    region: options.region,
    forcePathStyle: options.forcePathStyle,
    maxAttempts,
    retryStrategy: patientRetries,
    requestHandler: {
      connectionTimeout: Math.min(3_000, timeoutMs),
      requestTimeout: timeoutMs,
      throwOnRequestTimeout: true,
      // `requestTimeout` ends with the answer's headers: a body that stops half-way would be waited for without end,
      // and whoever reads it, a crop's place in the gate among them, with it.
      socketTimeout: timeoutMs,
    },
  }
  if (endpoint) {
    config.endpoint = endpoint
    // Many compatible stores do not know the trailing checksums that the SDK sends by default.
    config.requestChecksumCalculation = 'WHEN_REQUIRED'
    config.responseChecksumValidation = 'WHEN_REQUIRED'
  }
  return new S3Client(config)
}

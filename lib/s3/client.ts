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
import { reportRequests } from './request-events'
import { maxAttempts, retryStrategy } from './retries'

/** A bucket, with the clients to reach it. */
export interface Bucket {
  name: string
  client: S3Client
  /** Signs for browsers, with the address of the store that browsers use. */
  presigner: S3Client
  clock: StoreClock
}

export interface BucketOptions {
  name: string
  region: string
  /** Origin of an S3-compatible store; undefined means AWS. */
  endpoint: string | undefined
  /** Origin of the store for browsers, if it differs. */
  publicEndpoint: string | undefined
  forcePathStyle: boolean
  /** Timeout of one try of a request, and of silence on its connection, in milliseconds. */
  timeoutMs: number
}

/**
 * Creates the clients of a bucket. Credentials come from the SDK's default chain. Sends nothing yet.
 * @param clock the store's time. Each answer of the store corrects it
 */
export function connectBucket(options: BucketOptions, clock: StoreClock = createStoreClock()): Bucket {
  const client = createClient(options, options.endpoint)
  const presigner = createClient(options, options.publicEndpoint ?? options.endpoint)
  // The SDK only corrects the clock of a client that receives responses. The presigner never does.
  Object.defineProperty(presigner.config, 'systemClockOffset', { get: () => clock.offsetMs })
  client.middlewareStack.add(
    (next) => async (args) => {
      const sentAt = Date.now()
      const result = await next(args)
      const headers = (result.response as { headers?: Record<string, string> }).headers
      if (headers?.date) clock.observe(headers.date, sentAt, Date.now())
      return result
    },
    // Before deserialization, to see error responses too, and inside of the retry loop, to see each try.
    { step: 'deserialize', name: 'observeStoreClock', priority: 'low' },
  )
  client.middlewareStack.add(reportRequests, { step: 'deserialize', name: 'reportRequests', priority: 'low' })
  client.middlewareStack.addRelativeTo(limitClockRetries(client), {
    name: 'limitClockRetries',
    // Inside of the retry loop and outside of the signer, whose flag it overwrites.
    relation: 'after',
    toMiddleware: 'retryMiddleware',
  })
  return { name: options.name, client, presigner, clock }
}

/** A correction of the clock that can explain a 403, in milliseconds. Stores accept at least five minutes. */
const correctedMs = 60_000

/**
 * Sets which failures the SDK retries because it corrected the clock. On a host whose clock is minutes wrong it would
 * retry every failure, such as a plain 404. Only a 403 can be caused by the clock, and only if the request was signed
 * with a time far from the store's. Of parallel requests that get a 403 for the clock, the SDK would retry only the
 * first.
 */
const limitClockRetries =
  ({ config }: S3Client): FinalizeRequestMiddleware<ServiceInputTypes, ServiceOutputTypes> =>
  (next) =>
  async (args) => {
    const signedWithOffset = config.systemClockOffset
    try {
      return await next(args)
    } catch (error) {
      if (error instanceof S3ServiceException) {
        // The response to a HEAD does not contain the reason of a 403. The SDK corrects the clock with every response, by
        // up to a second if the clock is right, because a Date has no fractions.
        const clockSkewCorrected =
          error.$metadata.httpStatusCode === 403 && Math.abs(config.systemClockOffset - signedWithOffset) >= correctedMs
        Object.assign(error.$metadata, { clockSkewCorrected })
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
    retryStrategy,
    requestHandler: {
      connectionTimeout: Math.min(3_000, timeoutMs),
      requestTimeout: timeoutMs,
      throwOnRequestTimeout: true,
      // `requestTimeout` ends with the response headers. Without this timeout, a body that stalls half-way would keep
      // its reader waiting forever, and with it a crop's slot in the limiter.
      socketTimeout: timeoutMs,
    },
  }
  if (endpoint) {
    config.endpoint = endpoint
    // Many compatible stores do not support the trailing checksums that the SDK sends by default.
    config.requestChecksumCalculation = 'WHEN_REQUIRED'
    config.responseChecksumValidation = 'WHEN_REQUIRED'
  }
  return new S3Client(config)
}

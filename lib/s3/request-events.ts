import 'server-only'
import { channel } from 'node:diagnostics_channel'
import type { DeserializeMiddleware } from '@smithy/types'

/** One try of a request to the store. */
export interface StoreRequest {
  /** The operation of S3, such as `CopyObject`. */
  operation: string
  /** The HTTP status; null without an answer. */
  status: number | null
  /** Seconds until the head of the response, or until the failure. */
  seconds: number
  /** Whether an earlier try of the same request failed. */
  isRetry: boolean
  /** Bytes of the body that was sent, as far as its length is known. */
  sentBytes: number
  /** Bytes of the response's body, as its head states them. */
  receivedBytes: number
}

/** Gets a `StoreRequest` for each try of a request. */
export const storeRequests = channel('anyhost.store-requests')

/** Reports each try of a client's requests to `storeRequests`. */
// biome-ignore lint/suspicious/noExplicitAny: the SDK's types of a middleware for any command
export const reportRequests: DeserializeMiddleware<any, any> = (next, context) => async (args) => {
  if (!storeRequests.hasSubscribers) return next(args)
  const startedAt = performance.now()
  const { method, headers } = args.request as { method: string; headers: Record<string, string> }
  const report = (status: number | null, receivedBytes: number) => {
    const request: StoreRequest = {
      operation: String(context.commandName).replace(/Command$/, ''),
      status,
      seconds: (performance.now() - startedAt) / 1000,
      isRetry: !/^attempt=1;/.test(headers['amz-sdk-request'] ?? 'attempt=1;'),
      sentBytes: lengthOf(headers),
      receivedBytes,
    }
    storeRequests.publish(request)
  }
  try {
    const result = await next(args)
    const response = result.response as { statusCode: number; headers: Record<string, string> }
    // A HEAD states the length of a body that it does not have.
    report(response.statusCode, method === 'HEAD' ? 0 : lengthOf(response.headers))
    return result
  } catch (error) {
    report(null, 0)
    throw error
  }
}

const lengthOf = (headers: Record<string, string>) => Number(headers['content-length'] ?? 0)

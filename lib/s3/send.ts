import 'server-only'
import type { S3ClientResolvedConfig, ServiceInputTypes, ServiceOutputTypes } from '@aws-sdk/client-s3'
import type { Command } from '@smithy/types'
import { bucketUrl } from './bucket-url'
import type { Bucket } from './client'
import { waitForStore } from './deadline'
import { keyClass } from './key-class'

/** What failed, for the log: the property `storeRequest` of an error of `sendToStore`. It contains no id of a person. */
export interface FailedRequest {
  /** The operation of S3, such as `CopyObject`. */
  operation: string
  bucket: string
  /** Such as `media`: see `keyClass`. */
  keyClass: string
  /** Origin to which the host sends, if the settings give one. */
  endpoint: string | undefined
}

/**
 * Sends a request to the store within the current deadline. Every error names the request, also one without an answer.
 * @param key its first key or prefix
 * @throws as `waitForStore`
 */
export async function sendToStore<T>(
  bucket: Bucket,
  operation: string,
  key: string,
  send: (signal: AbortSignal | undefined) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  try {
    return await waitForStore(send, signal)
  } catch (error) {
    throw await nameRequest(error, bucket, operation, key)
  }
}

/** Sends one command. @throws as `sendToStore` */
export function sendCommand<Input extends ServiceInputTypes, Output extends ServiceOutputTypes>(
  bucket: Bucket,
  operation: string,
  key: string,
  command: Command<ServiceInputTypes, Input, ServiceOutputTypes, Output, S3ClientResolvedConfig>,
  signal?: AbortSignal,
): Promise<Output> {
  return sendToStore(bucket, operation, key, (abortSignal) => bucket.client.send(command, { abortSignal }), signal)
}

/** Adds the request to an error. Parallel requests share a timeout; it names the first of them. */
export async function nameRequest<E>(error: E, bucket: Bucket, operation: string, key: string): Promise<E> {
  if (!(error instanceof Error) || 'storeRequest' in error) return error
  const url = await bucketUrl(bucket.client, bucket.name).catch(() => undefined)
  const storeRequest: FailedRequest = { operation, bucket: bucket.name, keyClass: keyClass(key), endpoint: url?.origin }
  return Object.assign(error, { storeRequest })
}

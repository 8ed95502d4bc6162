import 'server-only'
import { S3ServiceException } from '@aws-sdk/client-s3'
import { ObjectsNotDeleted } from '@/lib/s3/objects'

/** The result of one check of a bucket, for the person who deploys the app. */
export interface CheckResult {
  verdict: 'ok' | 'warning' | 'failed'
  /** What happened to what. */
  message: string
  /** What to do. Missing if the verdict is `ok`. */
  fix?: string
}

/** Thrown by a check that has no result: the store is unreachable, overloaded or out of order. */
export class StoreUnreachable extends Error {
  override name = 'StoreUnreachable'
}

/** Whether a status means that the store cannot answer for now. 501 is final: the store lacks the operation. */
export function isUnavailable(status: number): boolean {
  return status === 429 || (status >= 500 && status !== 501)
}

/**
 * Converts an error of the SDK to a failed check.
 * @param operation completes "Cannot …", such as "list the bucket"
 * @throws StoreUnreachable if the store did not answer or is unavailable
 */
export function toCheckResult(operation: string, error: unknown): CheckResult {
  if (error instanceof Error && error.name === 'CredentialsProviderError') {
    return {
      verdict: 'failed',
      message: `Found no AWS credentials (${error.message}).`,
      fix: 'Give the host a role, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.',
    }
  }
  // S3 answers 200 to a bulk deletion that the credentials do not allow, and lists the errors.
  if (error instanceof ObjectsNotDeleted && !temporaryCodes.includes(error.code)) {
    const message = `Cannot ${operation}: the store answered ${error.code}.`
    return { verdict: 'failed', message, fix: fixFor(403) }
  }
  const status = error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined
  if (!(error instanceof S3ServiceException) || !status || isUnavailable(status)) {
    throw new StoreUnreachable('the store does not answer', { cause: error })
  }
  const message = `Cannot ${operation}: the store answered ${status} ${error.name}.`
  return { verdict: 'failed', message, fix: fixFor(status) }
}

/** Codes of single objects that a later deletion may delete (AWS, DeleteObjects). */
const temporaryCodes = ['InternalError', 'ServiceUnavailable', 'SlowDown']

function fixFor(status: number): string {
  if (status === 404) {
    return "Create the bucket, or correct S3_BUCKET (S3_BUCKET_<COLLECTION> for a collection's own bucket)."
  }
  if (status === 403) return 'Correct the credentials, or allow them to list, read, write and delete in the bucket.'
  return 'Correct AWS_REGION, AWS_ENDPOINT_URL_S3 or S3_FORCE_PATH_STYLE.'
}

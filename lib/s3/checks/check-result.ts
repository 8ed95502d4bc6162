import 'server-only'
import { S3ServiceException } from '@aws-sdk/client-s3'

/** What a check of a bucket found. */
export interface CheckResult {
  verdict: 'ok' | 'warning' | 'failed'
  /** One sentence. */
  found: string
  /** What a deployer can do, one sentence; none where all is well. */
  mend?: string
}

/** Thrown by a check that could not be made: the store cannot be reached, is overloaded or out of order. */
export class StoreUnreachable extends Error {
  override name = 'StoreUnreachable'
}

/** Whether a status says that the store is not able to answer at the moment. 501 is an answer: it never will. */
export function isUnavailable(status: number): boolean {
  return status === 429 || (status >= 500 && status !== 501)
}

/**
 * The finding from a request that the SDK could not make.
 * @throws StoreUnreachable where nobody answered, or only that the store is not able to
 */
export function toCheckResult(error: unknown): CheckResult {
  if (error instanceof Error && error.name === 'CredentialsProviderError') {
    return {
      verdict: 'failed',
      found: `There are no credentials (${error.message}).`,
      mend: 'Give the host a role, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.',
    }
  }
  const status = error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined
  if (!(error instanceof S3ServiceException) || !status || isUnavailable(status)) {
    throw new StoreUnreachable('the store does not answer', { cause: error })
  }
  return { verdict: 'failed', found: `The store refuses: ${status} ${error.name}.`, mend: fixFor(status) }
}

function fixFor(status: number): string {
  if (status === 404) return 'Make the bucket, or mend its name.'
  if (status === 403) return 'Mend the credentials, or their right to list, read, write and delete in the bucket.'
  return 'See that AWS_REGION, AWS_ENDPOINT_URL_S3 and S3_FORCE_PATH_STYLE are those of the bucket.'
}

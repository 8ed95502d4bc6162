import 'server-only'
import { formatRefusal, type Refusal, refusalOf } from '@/lib/s3/refusal'

/** The result of one check of a bucket, for the person who deploys the app. */
export interface CheckResult {
  /** `unchecked`: these credentials or this store cannot show it. */
  verdict: 'ok' | 'warning' | 'failed' | 'unchecked'
  /** What happened to what. */
  message: string
  /** What to do. Missing if the verdict is `ok`. */
  fix?: string
}

/** Thrown by a check that has no result: the store is unreachable, overloaded or out of order. */
export class StoreUnreachable extends Error {
  override name = 'StoreUnreachable'
}

/** Returns the refusal in an error of the SDK. @throws StoreUnreachable if there is no final answer */
export function toRefusal(error: unknown): Refusal {
  const refusal = refusalOf(error)
  if (!refusal) throw new StoreUnreachable('the store does not answer', { cause: error })
  return refusal
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
  if (error instanceof Error && error.name === 'EndpointError') {
    return {
      verdict: 'failed',
      message: `The AWS SDK finds no address for the bucket: ${error.message}.`,
      fix: 'Correct AWS_REGION, AWS_ENDPOINT_URL_S3, AWS_USE_FIPS_ENDPOINT or AWS_USE_DUALSTACK_ENDPOINT.',
    }
  }
  const refusal = toRefusal(error)
  const message = `Cannot ${operation}: the store answered ${formatRefusal(refusal)}.`
  return { verdict: 'failed', message, fix: fixFor(refusal) }
}

/** Codes that blame the credentials, some with status 400 (AWS, "Error responses"). */
const credentialCodes = new Set([
  'ExpiredToken',
  'InvalidAccessKeyId',
  'InvalidSecurity',
  'InvalidToken',
  'SignatureDoesNotMatch',
  'TokenRefreshRequired',
])

function fixFor({ status, code, region }: Refusal): string {
  if (credentialCodes.has(code)) {
    return (
      'Correct the credentials: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and, for temporary ones, AWS_SESSION_TOKEN; ' +
      'or the role of the host.'
    )
  }
  if (status === 404) {
    return "Create the bucket, or correct S3_BUCKET (S3_BUCKET_<COLLECTION> for a collection's own bucket)."
  }
  if (status === 403) return 'Correct the credentials, or allow them to list, read, write and delete in the bucket.'
  if (region) return `The bucket is in ${region}: set AWS_REGION=${region}.`
  return 'Correct AWS_REGION, AWS_ENDPOINT_URL_S3 or S3_FORCE_PATH_STYLE.'
}

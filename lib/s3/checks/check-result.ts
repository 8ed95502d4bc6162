import 'server-only'
import { S3ServiceException } from '@aws-sdk/client-s3'
import { ObjectsNotDeleted } from '@/lib/s3/objects'

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

/** Whether a status means that the store cannot answer for now. 501 is final: the store lacks the operation. */
export function isUnavailable(status: number): boolean {
  return status === 429 || (status >= 500 && status !== 501)
}

/** A final refusal of the store. */
export interface Refusal {
  status: number
  /** S3's code, such as `AccessDenied`. */
  code: string
  message: string
  /** The bucket's region, if the store names another one than the request. */
  region?: string | undefined
}

/** Returns the refusal in an error of the SDK, or null if there is no final answer: the store is silent or overloaded. */
export function refusalOf(error: unknown): Refusal | null {
  // S3 answers 200 to a bulk deletion that the credentials do not allow, and lists the errors.
  if (error instanceof ObjectsNotDeleted) {
    if (temporaryCodes.includes(error.code)) return null
    return { status: 403, code: error.code, message: error.message }
  }
  if (!(error instanceof S3ServiceException)) return null
  const { httpStatusCode: status } = error.$metadata
  if (!status || isUnavailable(status)) return null
  return { status, code: error.name, message: error.message, region: regionIn(error) }
}

/** Returns the same. @throws StoreUnreachable if there is no final answer */
export function toRefusal(error: unknown): Refusal {
  const refusal = refusalOf(error)
  if (!refusal) throw new StoreUnreachable('the store does not answer', { cause: error })
  return refusal
}

/** Codes of single objects that a later deletion may delete (AWS, DeleteObjects). */
const temporaryCodes = ['InternalError', 'ServiceUnavailable', 'SlowDown']

/** AWS names the bucket's region in a header (API_HeadBucket) and in the XML of some errors. */
function regionIn(error: S3ServiceException): string | undefined {
  const headers: Record<string, string> = error.$response?.headers ?? {}
  const { Region } = error as { Region?: string }
  return headers['x-amz-bucket-region'] ?? Region
}

/** Formats a refusal: `403 AccessDenied`. The answer to a HEAD has no code, and the SDK invents one. */
export function format({ status, code }: Refusal): string {
  return /^Unknown/.test(code) ? String(status) : `${status} ${code}`
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
  const message = `Cannot ${operation}: the store answered ${format(refusal)}.`
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

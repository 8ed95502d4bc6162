import 'server-only'
import { S3ServiceException } from '@aws-sdk/client-s3'
import { ObjectsNotDeleted } from './objects'

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

/** Whether a status means that the store cannot answer for now. 501 is final: the store lacks the operation. */
export function isUnavailable(status: number): boolean {
  return status === 429 || (status >= 500 && status !== 501)
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
export function formatRefusal({ status, code }: Refusal): string {
  return /^Unknown/.test(code) ? String(status) : `${status} ${code}`
}

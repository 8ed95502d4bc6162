import { createHash, timingSafeEqual } from 'node:crypto'
import { Sha256 } from '@aws-crypto/sha256-js'
import { SignatureV4 } from '@smithy/signature-v4'
import { type ErrorCode, StoreError } from './errors'

export const algorithm = 'AWS4-HMAC-SHA256'
export const maxClockSkewMs = 15 * 60 * 1000

/** The one account of the store. */
export type Account = { region: string; accessKeyId: string; secretAccessKey: string }

/** Creates a signer for S3, which encodes the path once and adds no headers. */
export function createSigner({ region, accessKeyId, secretAccessKey }: Account): SignatureV4 {
  return new SignatureV4({
    region,
    service: 's3',
    credentials: { accessKeyId, secretAccessKey },
    sha256: Sha256,
    uriEscapePath: false,
    applyChecksum: false,
  })
}

/** Compares in constant time for any lengths, so that timing does not leak the right signature. */
export function sameSignature(expected: string | undefined, given: string): boolean {
  if (expected === undefined) return false
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(expected), digest(given))
}

/** Parses a date such as `20261122T180000Z`; undefined if it is invalid. */
export function parseAmzDate(text: string): Date | undefined {
  const match = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/.exec(text)
  if (!match) return undefined
  const [, year, month, day, hours, minutes, seconds] = match
  const date = new Date(`${year}-${month}-${day}T${hours}:${minutes}:${seconds}.000Z`)
  return Number.isNaN(date.getTime()) ? undefined : date
}

/**
 * Checks `<access key>/<yyyymmdd>/<region>/s3/aws4_request` against the account and the date of the request.
 * @throws StoreError with the code `malformed`, which depends on the place of the credential, or InvalidAccessKeyId
 */
export function requireCredential(credential: string, account: Account, signedAt: Date, malformed: ErrorCode): void {
  const parts = credential.split('/')
  const [accessKeyId, date, region, service, terminator] = parts
  const malformedCredential = (message: string) =>
    new StoreError(malformed, message, region ? { Region: account.region } : {})
  if (parts.length !== 5 || terminator !== 'aws4_request') {
    throw malformedCredential('Credential should have the form <access key>/<yyyymmdd>/<region>/s3/aws4_request.')
  }
  if (accessKeyId !== account.accessKeyId) {
    throw new StoreError('InvalidAccessKeyId', undefined, { AWSAccessKeyId: accessKeyId ?? '' })
  }
  if (date !== signedAt.toISOString().slice(0, 10).replaceAll('-', '')) {
    throw malformedCredential('The date of the credential does not match that of the request.')
  }
  if (region !== account.region)
    throw malformedCredential(`The region '${region}' is wrong; expecting '${account.region}'`)
  if (service !== 's3') throw malformedCredential(`The service '${service}' is wrong; expecting 's3'`)
}

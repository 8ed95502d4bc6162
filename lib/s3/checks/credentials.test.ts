import { afterEach, expect, test, vi } from 'vitest'
import { connectBucket } from '@/lib/s3/client'
import { checkCredentials } from './credentials'

const minuteMs = 60_000
const neededMs = 30 * minuteMs
const options = {
  name: 'photos',
  region: 'us-east-1',
  publicEndpoint: undefined,
  forcePathStyle: true,
  timeoutMs: 1000,
}

afterEach(() => {
  vi.unstubAllEnvs()
})

/** Checks the credentials that the SDK reads from these variables. */
function check(variables: Record<string, string>) {
  const keys = { AWS_ACCESS_KEY_ID: 'key', AWS_SECRET_ACCESS_KEY: 'secret' }
  for (const [name, value] of Object.entries({ ...keys, ...variables })) vi.stubEnv(name, value)
  return checkCredentials(connectBucket({ ...options, endpoint: 'http://127.0.0.1:9' }), neededMs)
}

const inMinutes = (minutes: number) => new Date(Date.now() + minutes * minuteMs).toISOString()

test.each([
  ['without an expiry', {}, 'ok', /no expiry/],
  ['with a later expiry', { AWS_CREDENTIAL_EXPIRATION: inMinutes(120) }, 'ok', /valid until/],
  ['with an earlier one', { AWS_CREDENTIAL_EXPIRATION: inMinutes(20) }, 'warning', /expire in (19|20) min/],
  ['that have expired', { AWS_CREDENTIAL_EXPIRATION: inMinutes(-20) }, 'warning', /expire in 0 min/],
  ['that are temporary', { AWS_SESSION_TOKEN: 'token' }, 'warning', /temporary \(AWS_SESSION_TOKEN\)/],
])('judges credentials %s', async (_, variables, verdict, message) => {
  const result = await check(variables)
  expect(result).toMatchObject({ verdict, message: expect.stringMatching(message) })
})

test('requests new credentials from a role before it warns', async () => {
  const bucket = connectBucket({ ...options, endpoint: 'http://127.0.0.1:9' })
  const expiration = (minutes: number) => ({
    accessKeyId: 'k',
    secretAccessKey: 's',
    sessionToken: 't',
    expiration: new Date(inMinutes(minutes)),
  })
  bucket.presigner.config.credentials = async (identity) => expiration(identity?.forceRefresh ? 60 : 10)
  expect((await checkCredentials(bucket, neededMs)).verdict).toBe('ok')
})

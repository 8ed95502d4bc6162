import { expect, test } from 'vitest'
import { type Env, parseEnv } from '@/lib/env'
import { fingerprint, formatFingerprint, parseFingerprint, secretName } from './fingerprint'

const [first, second] = ['a', 'b'].map((letter) => letter.repeat(32)) as [string, string]

function configuration(variables: Record<string, string> = {}): Env {
  const good = {
    APP_ORIGIN: 'http://localhost:3000',
    AWS_REGION: 'eu-central-1',
    S3_BUCKET: 'pictures',
    AUTH_MODE: 'guest',
  }
  return parseEnv({ ...good, SESSION_SECRETS: first, ...variables })
}

/** Returns the names of the marks that change with these variables. */
function changed(variables: Record<string, string>): string[] {
  const [before] = fingerprint(configuration())
  const [after] = fingerprint(configuration(variables))
  return Object.keys(before).filter((name) => before[name] !== after[name])
}

test.each([
  ['APP_ORIGIN', { APP_ORIGIN: 'http://localhost:4000' }],
  ['AWS_REGION', { AWS_REGION: 'eu-west-1' }],
  ['S3_BUCKET', { S3_BUCKET: 'others' }],
  ['S3_BUCKET_*', { S3_BUCKET_COVERS: 'covers' }],
  ['S3_PUBLIC_ENDPOINT', { S3_PUBLIC_ENDPOINT: 'https://files.example.org' }],
  ['S3_FORCE_PATH_STYLE', { S3_FORCE_PATH_STYLE: 'true' }],
  ['S3_UPLOAD_METHOD', { S3_UPLOAD_METHOD: 'put' }],
  ['PUBLIC_BASE_URL', { PUBLIC_BASE_URL: 'https://cdn.example.org' }],
  ['PUBLIC_BASE_URL_*', { PUBLIC_BASE_URL_COVERS: 'https://cdn.example.org' }],
  ['NEXT_SERVER_ACTIONS_ENCRYPTION_KEY', { NEXT_SERVER_ACTIONS_ENCRYPTION_KEY: Buffer.alloc(32).toString('base64') }],
  ['MAX_UPLOAD_BYTES', { MAX_UPLOAD_BYTES: '1' }],
  ['MAX_PIXELS', { MAX_PIXELS: '1' }],
  ['USER_QUOTA', { USER_QUOTA: '1' }],
])('shows that %s differs, and no other variable', (name, variables: Record<string, string>) => {
  expect(changed(variables)).toEqual([name])
})

test('is the same on machines with other names, limits and ways to the store', () => {
  const own = { HOST_NAME: 'host-9', CROP_CONCURRENCY: '9', CROP_QUEUE: '9', CROP_MEMORY_BYTES: '9', DRAIN_MS: '9' }
  expect(changed({ ...own, STORE_TIMEOUT_MS: '9' })).toEqual([])
  const shared = { S3_PUBLIC_ENDPOINT: 'https://files.example.org' }
  const [inside, outside] = ['http://10.0.0.1', 'http://10.0.0.2'].map((endpoint) =>
    fingerprint(configuration({ ...shared, AWS_ENDPOINT_URL_S3: endpoint })),
  )
  expect(inside).toEqual(outside)
})

test('has a set for each secret, so that hosts compare during a rotation', () => {
  const [old] = fingerprint(configuration({ SESSION_SECRETS: first }))
  const both = fingerprint(configuration({ SESSION_SECRETS: `${second},${first}` }))
  expect(both).toHaveLength(2)
  expect(both[1]).toEqual(old)
  expect(both[0][secretName]).not.toBe(old[secretName])
})

test('S35: contains no value, and no mark that another secret confirms', () => {
  const [one] = fingerprint(configuration())
  const [other] = fingerprint(configuration({ SESSION_SECRETS: second }))
  for (const name of Object.keys(one)) expect(one[name], name).not.toBe(other[name])
  const header = formatFingerprint([one])
  for (const value of ['pictures', 'localhost', 'eu-central-1', first]) expect(header).not.toContain(value)
  for (const mark of Object.values(one)) expect(mark).toMatch(/^[\w-]{8}$/)
})

test('survives the header', () => {
  const sets = fingerprint(configuration({ SESSION_SECRETS: `${second},${first}` }))
  expect(parseFingerprint(formatFingerprint(sets))).toEqual(sets)
})

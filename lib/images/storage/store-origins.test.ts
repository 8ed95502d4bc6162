import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { parseEnv } from '@/lib/env'
import { connectBucket } from '@/lib/s3/client'
import { presignGet, presignPost, presignPut } from '@/lib/s3/presign'
import { storeOrigins } from './store-origins'

const good = {
  APP_ORIGIN: 'http://localhost:3000',
  AWS_REGION: 'eu-central-1',
  S3_BUCKET: 'pictures',
  AUTH_MODE: 'guest',
  SESSION_SECRETS: 'a'.repeat(32),
}

beforeEach(() => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'TESTKEY')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'a-secret-for-tests-only')
})
afterEach(() => {
  vi.unstubAllEnvs()
})

/** Returns the origins of all URLs that the SDK signs for browsers. */
async function signedOrigins(variables: Record<string, string>, name = variables.S3_BUCKET ?? ''): Promise<string[]> {
  const { region, endpoint, publicEndpoint, forcePathStyle } = parseEnv(variables)
  const bucket = connectBucket({ name, region, endpoint, publicEndpoint, forcePathStyle, timeoutMs: 7_500 })
  const put = { contentType: 'image/png', bytes: 5, expiresInSeconds: 60 }
  const post = { contentType: 'image/png', maxBytes: 5, expiresInSeconds: 60 }
  const urls = [
    await presignGet(bucket, 'a/b'),
    (await presignPut(bucket, 'a/b', put)).url,
    (await presignPost(bucket, 'a/b', post)).url,
  ]
  return [...new Set(urls.map((url) => new URL(url).origin))]
}

test.each<[string, Record<string, string>, string]>([
  ['a bucket in Frankfurt', {}, 'https://pictures.s3.eu-central-1.amazonaws.com'],
  ['a bucket in us-east-1', { AWS_REGION: 'us-east-1' }, 'https://pictures.s3.us-east-1.amazonaws.com'],
  ['a bucket in GovCloud', { AWS_REGION: 'us-gov-west-1' }, 'https://pictures.s3.us-gov-west-1.amazonaws.com'],
  ['a bucket in China', { AWS_REGION: 'cn-north-1' }, 'https://pictures.s3.cn-north-1.amazonaws.com.cn'],
  ['the European Sovereign Cloud', { AWS_REGION: 'eusc-de-east-1' }, 'https://pictures.s3.eusc-de-east-1.amazonaws.eu'],
  ['the region aws-global', { AWS_REGION: 'aws-global' }, 'https://pictures.s3.amazonaws.com'],
  ['a US ISO region', { AWS_REGION: 'us-iso-east-1' }, 'https://pictures.s3.us-iso-east-1.c2s.ic.gov'],
  ['a US ISOB region', { AWS_REGION: 'us-isob-east-1' }, 'https://pictures.s3.us-isob-east-1.sc2s.sgov.gov'],
  ['path style on AWS', { S3_FORCE_PATH_STYLE: 'true' }, 'https://s3.eu-central-1.amazonaws.com'],
  ['a dotted bucket', { S3_BUCKET: 'pictures.example.org' }, 'https://s3.eu-central-1.amazonaws.com'],
  [
    'a dotted bucket, plain http',
    { S3_BUCKET: 'pictures.example.org', AWS_ENDPOINT_URL_S3: 'http://store.lan:9000' },
    'http://pictures.example.org.store.lan:9000',
  ],
  ['a compatible store', { AWS_ENDPOINT_URL_S3: 'https://store.example.org' }, 'https://pictures.store.example.org'],
  [
    'a compatible store, path style',
    { AWS_ENDPOINT_URL_S3: 'https://store.example.org:8443', S3_FORCE_PATH_STYLE: 'true' },
    'https://store.example.org:8443',
  ],
  ['AWS_ENDPOINT_URL', { AWS_ENDPOINT_URL: 'https://store.example.org' }, 'https://pictures.store.example.org'],
  [
    'both endpoint variables',
    { AWS_ENDPOINT_URL: 'https://aws.example.org', AWS_ENDPOINT_URL_S3: 'https://s3.example.org' },
    'https://pictures.s3.example.org',
  ],
  ['a local store', { AWS_ENDPOINT_URL_S3: 'http://localhost:9000' }, 'http://pictures.localhost:9000'],
  ['a store by IPv4 address', { AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:9000' }, 'http://127.0.0.1:9000'],
  ['a store by IPv6 address', { AWS_ENDPOINT_URL_S3: 'http://[::1]:9000' }, 'http://[::1]:9000'],
  [
    'a store that browsers reach by another address',
    { AWS_ENDPOINT_URL_S3: 'http://10.0.0.7:9000', S3_PUBLIC_ENDPOINT: 'https://store.example.org' },
    'https://pictures.store.example.org',
  ],
])('S24: returns the origin that the SDK signs for %s', async (_name, variables, origin) => {
  const configuration = { ...good, ...variables }
  expect(await signedOrigins(configuration)).toEqual([origin])
  expect(await storeOrigins(parseEnv(configuration))).toEqual([origin])
})

// The SDK reads these itself.
test.each<[string, Record<string, string>, string]>([
  [
    'AWS_USE_FIPS_ENDPOINT',
    { AWS_REGION: 'us-east-1', AWS_USE_FIPS_ENDPOINT: 'true' },
    'https://pictures.s3-fips.us-east-1.amazonaws.com',
  ],
  [
    'AWS_USE_DUALSTACK_ENDPOINT',
    { AWS_USE_DUALSTACK_ENDPOINT: 'true' },
    'https://pictures.s3.dualstack.eu-central-1.amazonaws.com',
  ],
])('S24: returns the origin that the SDK signs with %s', async (_name, variables, origin) => {
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value)
  const configuration = { ...good, ...variables }
  expect(await signedOrigins(configuration)).toEqual([origin])
  expect(await storeOrigins(parseEnv(configuration))).toEqual([origin])
})

test('S24: rejects an endpoint variable together with FIPS', async () => {
  vi.stubEnv('AWS_USE_FIPS_ENDPOINT', 'true')
  const origins = storeOrigins(parseEnv({ ...good, AWS_ENDPOINT_URL_S3: 'https://store.example.org' }))
  await expect(origins).rejects.toMatchObject({ name: 'EndpointError' })
})

test('S24: adds the origin of the public base URL, once', async () => {
  const configuration = parseEnv({ ...good, PUBLIC_BASE_URL: 'https://cdn.example.org/media' })
  expect(await storeOrigins(configuration)).toEqual([
    'https://pictures.s3.eu-central-1.amazonaws.com',
    'https://cdn.example.org',
  ])
  const same = parseEnv({ ...good, PUBLIC_BASE_URL: 'https://pictures.s3.eu-central-1.amazonaws.com/media' })
  expect(await storeOrigins(same)).toHaveLength(1)
})

describe('S24: a separate bucket for covers', () => {
  const own = { S3_BUCKET_COVERS: 'banners' }

  test.each<[string, Record<string, string>, string[]]>([
    [
      'has its own origin on AWS',
      {},
      ['https://pictures.s3.eu-central-1.amazonaws.com', 'https://banners.s3.eu-central-1.amazonaws.com'],
    ],
    [
      'has its own origin on a compatible store',
      { AWS_ENDPOINT_URL_S3: 'https://store.example.org' },
      ['https://pictures.store.example.org', 'https://banners.store.example.org'],
    ],
    [
      'shares the origin in path style',
      { AWS_ENDPOINT_URL_S3: 'https://store.example.org', S3_FORCE_PATH_STYLE: 'true' },
      ['https://store.example.org'],
    ],
    [
      'can need path style when the common bucket does not',
      { S3_BUCKET_COVERS: 'banners.example.org' },
      ['https://pictures.s3.eu-central-1.amazonaws.com', 'https://s3.eu-central-1.amazonaws.com'],
    ],
  ])('%s', async (_name, variables, origins) => {
    const configuration = { ...good, ...own, ...variables }
    const signed = [
      ...(await signedOrigins(configuration)),
      ...(await signedOrigins(configuration, configuration.S3_BUCKET_COVERS)),
    ]
    expect([...new Set(signed)]).toEqual(origins)
    expect(await storeOrigins(parseEnv(configuration))).toEqual(origins)
  })
})

test('S24: omits a common bucket that no collection uses', async () => {
  const origins = await storeOrigins(parseEnv({ ...good, S3_BUCKET_AVATARS: 'faces', S3_BUCKET_COVERS: 'banners' }))
  expect(origins).toEqual([
    'https://faces.s3.eu-central-1.amazonaws.com',
    'https://banners.s3.eu-central-1.amazonaws.com',
  ])
})

import { beforeAll, describe, expect, test, vi } from 'vitest'
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

beforeAll(() => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'TESTKEY')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'a-secret-for-tests-only')
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
  expect(storeOrigins(parseEnv(configuration))).toEqual([origin])
})

test('S24: adds the origin of the public base URL, once', () => {
  const configuration = parseEnv({ ...good, PUBLIC_BASE_URL: 'https://cdn.example.org/media' })
  expect(storeOrigins(configuration)).toEqual([
    'https://pictures.s3.eu-central-1.amazonaws.com',
    'https://cdn.example.org',
  ])
  const same = parseEnv({ ...good, PUBLIC_BASE_URL: 'https://pictures.s3.eu-central-1.amazonaws.com/media' })
  expect(storeOrigins(same)).toHaveLength(1)
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
    expect(storeOrigins(parseEnv(configuration))).toEqual(origins)
  })
})

test('S24: omits a common bucket that no collection uses', () => {
  const origins = storeOrigins(parseEnv({ ...good, S3_BUCKET_AVATARS: 'faces', S3_BUCKET_COVERS: 'banners' }))
  expect(origins).toEqual([
    'https://faces.s3.eu-central-1.amazonaws.com',
    'https://banners.s3.eu-central-1.amazonaws.com',
  ])
})

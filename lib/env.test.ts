import { afterEach, describe, expect, test, vi } from 'vitest'
import { ConfigurationError, parseEnv, readStoreEnv } from './env'

const good = {
  APP_ORIGIN: 'http://localhost:3000',
  AWS_REGION: 'eu-central-1',
  S3_BUCKET: 'pictures',
  AUTH_MODE: 'guest',
  SESSION_SECRETS: 'a'.repeat(32),
}

function errorOf(variables: Record<string, string | undefined>): string {
  try {
    parseEnv(variables)
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigurationError)
    return (error as Error).message
  }
  throw new Error('is valid')
}

afterEach(() => {
  vi.unstubAllEnvs()
  vi.resetModules()
})

test('requires five variables, and has defaults for the rest', () => {
  const env = parseEnv(good)
  expect(env).toMatchObject({
    appOrigin: 'http://localhost:3000',
    isHttps: false,
    isDevelopment: false,
    region: 'eu-central-1',
    bucket: 'pictures',
    bucketsOfCollections: {},
    endpoint: undefined,
    publicEndpoint: undefined,
    publicBaseUrl: undefined,
    publicBaseUrlsOfCollections: {},
    forcePathStyle: false,
    uploadMethod: 'post',
    authMode: 'guest',
    sessionSecrets: ['a'.repeat(32)],
    maxPixels: 50_000_000,
  })
  expect(env.hostName).not.toBe('')
})

test.each(Object.keys(good))('requires %s', (name) => {
  const message = errorOf({ ...good, [name]: undefined })
  expect(message).toMatch(/^This host cannot start\.\n/)
  expect(message).toContain(`${name} is not set. See docs/configuration.md.`)
  expect(message.split('\n')).toHaveLength(2)
})

test.each([
  ['APP_ORIGIN', 'localhost:3000'],
  ['APP_ORIGIN', 'http://localhost:3000/'],
  ['APP_ORIGIN', 'https://me.example.org/app'],
  ['APP_ORIGIN', 'ftp://localhost'],
  ['HOST_NAME', 'two words'],
  ['S3_BUCKET', 'ab'],
  ['S3_BUCKET', 'My_Pictures'],
  ['AWS_ENDPOINT_URL_S3', 'http://store:9000/bucket'],
  ['S3_PUBLIC_ENDPOINT', 'store.example.org'],
  ['S3_FORCE_PATH_STYLE', 'yes'],
  ['S3_UPLOAD_METHOD', 'PUT'],
  ['PUBLIC_BASE_URL', 'javascript:alert(1)'],
  ['S3_BUCKET_COVERS', 'My_Covers'],
  ['PUBLIC_BASE_URL_COVERS', 'cdn.example.org'],
  ['AUTH_MODE', 'none'],
  ['ALLOW_PUBLIC_GUESTS', 'yes'],
  ['SESSION_SECRETS', 'too short'],
  ['SESSION_SECRETS', `${'a'.repeat(32)},`],
  ['MAX_UPLOAD_BYTES', '5MB'],
  ['MAX_PIXELS', '-1'],
  ['CROP_CONCURRENCY', '1.5'],
  ['CROP_QUEUE', 'Infinity'],
  ['CROP_MEMORY_BYTES', '300MB'],
  ['USER_QUOTA', '0'],
  ['DRAIN_MS', '25s'],
  ['ALLOW_UNENFORCED_UPLOADS', 'accept'],
])('rejects %s=%s with a sentence that names only this variable', (name, value) => {
  const lines = errorOf({ ...good, [name]: value }).split('\n')
  expect(lines.length).toBeGreaterThan(1)
  for (const line of lines.slice(1)) expect(line).toMatch(new RegExp(`^ {2}${name}: \\S.*\\.$`))
})

test('S35: does not print a rejected secret', () => {
  expect(errorOf({ ...good, SESSION_SECRETS: 'hunter2hunter2' })).not.toContain('hunter2')
})

test('names all wrong variables at once', () => {
  const message = errorOf({ APP_ORIGIN: 'x', S3_BUCKET: 'y' })
  for (const name of Object.keys(good)) expect(message).toContain(name)
})

test('treats an empty value as not set', () => {
  expect(parseEnv({ ...good, USER_QUOTA: '', AWS_ENDPOINT_URL_S3: '', S3_BUCKET_COVERS: '' })).toEqual(parseEnv(good))
  expect(errorOf({ ...good, S3_BUCKET: '' })).toContain('S3_BUCKET is not set.')
})

test('reads the bucket of a single collection', () => {
  const env = parseEnv({ ...good, S3_BUCKET_COVERS: 'covers-of-ours' })
  expect(env.bucket).toBe('pictures')
  expect(env.bucketsOfCollections).toEqual({ COVERS: 'covers-of-ours' })
})

test('reads the public base URL of a single collection', () => {
  const env = parseEnv({ ...good, PUBLIC_BASE_URL_COVERS: 'https://covers.example.org/' })
  expect(env.publicBaseUrlsOfCollections).toEqual({ COVERS: 'https://covers.example.org' })
})

test('removes trailing slashes from the public base URL', () => {
  expect(parseEnv({ ...good, PUBLIC_BASE_URL: 'https://cdn.example.org/media//' }).publicBaseUrl).toBe(
    'https://cdn.example.org/media',
  )
})

test('S31: reads several secrets, newest first', () => {
  const [newest, older] = ['n'.repeat(32), 'o'.repeat(40)]
  expect(parseEnv({ ...good, SESSION_SECRETS: `${newest}, ${older}` }).sessionSecrets).toEqual([newest, older])
})

describe('S33: guest mode', () => {
  test.each([
    'https://me.example.org',
    'http://192.168.0.7:3000',
    'http://localhost.example.org',
    'http://127.0.0.1.nip.io',
  ])('refuses to start on the public origin %s', (origin) => {
    const message = errorOf({ ...good, APP_ORIGIN: origin })
    expect(message).toContain('AUTH_MODE')
    expect(message).toContain('ALLOW_PUBLIC_GUESTS=true')
  })

  test('starts on a public origin with ALLOW_PUBLIC_GUESTS=true', () => {
    const allowed = { ...good, APP_ORIGIN: 'https://me.example.org', ALLOW_PUBLIC_GUESTS: 'true' }
    expect(parseEnv(allowed).isHttps).toBe(true)
    expect(errorOf({ ...allowed, ALLOW_PUBLIC_GUESTS: 'false' })).toContain('APP_ORIGIN')
  })

  test.each(['http://localhost:3000', 'https://localhost', 'http://127.0.0.1:8080', 'http://[::1]:3000'])(
    'starts on the loopback origin %s',
    (origin) => {
      expect(parseEnv({ ...good, APP_ORIGIN: origin }).appOrigin).toBe(origin)
    },
  )
})

test('reads the environment once, on first use', async () => {
  for (const [name, value] of Object.entries(good)) vi.stubEnv(name, value)
  const { env } = await import('./env')
  vi.stubEnv('S3_BUCKET', 'later')
  const first = env()
  vi.stubEnv('S3_BUCKET', 'much-later')
  expect(first.bucket).toBe('later')
  expect(env()).toBe(first)
})

test('reads the variables of the buckets alone, for commands', () => {
  const { AUTH_MODE: _, SESSION_SECRETS: __, ...ofBuckets } = good
  const env = readStoreEnv({ ...ofBuckets, S3_BUCKET_COVERS: 'covers', S3_UPLOAD_METHOD: 'put' })
  expect(env).toMatchObject({ bucket: 'pictures', bucketsOfCollections: { COVERS: 'covers' }, uploadMethod: 'put' })
  expect(() => readStoreEnv({ ...ofBuckets, AWS_REGION: '' })).toThrow(
    /^This command needs .*\n {2}AWS_REGION is not set/,
  )
})

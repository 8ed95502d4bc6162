import { afterEach, describe, expect, test, vi } from 'vitest'
import { ConfigurationError, parseEnv, readStoreEnv, variableNames } from './env'

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

test.each(['#7c3aed', '7c3aed'])('accepts %s as a colour', (colour) => {
  expect(parseEnv({ ...good, SITE_ACCENT: colour }).site.accent).toBe('#7c3aed')
})

test.each(Object.keys(good))('requires %s', (name) => {
  const message = errorOf({ ...good, [name]: undefined })
  expect(message).toMatch(/^This host cannot start\.\n/)
  expect(message).toContain(`${name} is not set. See docs/configuration.md.`)
  expect(message.split('\n')).toHaveLength(2)
})

/** Values that are wrong, for every variable that can be. */
const badValues = [
  ['APP_ORIGIN', 'localhost:3000'],
  ['APP_ORIGIN', 'http://localhost:3000/'],
  ['APP_ORIGIN', 'https://me.example.org/app'],
  ['APP_ORIGIN', 'ftp://localhost'],
  ['SITE_NAME', 'a'.repeat(41)],
  ['SITE_NAME', 'two\nlines'],
  ['SITE_ACCENT', 'green'],
  ['SITE_ACCENT', '#12345'],
  ['SITE_LOGO', 'logo.svg'],
  ['SITE_LOGO', '/../server.js'],
  ['SITE_HOME_URL', 'example.org'],
  ['SITE_HELP_URL', 'javascript:alert(1)'],
  ['SITE_IMPRINT_URL', 'javascript:alert(1)'],
  ['SITE_PRIVACY_URL', '/privacy'],
  ['HOST_NAME', 'two words'],
  ['S3_BUCKET', 'ab'],
  ['S3_BUCKET', 'My_Pictures'],
  ['AWS_ENDPOINT_URL', 'http://store:9000/bucket'],
  ['AWS_ENDPOINT_URL_S3', 'http://store:9000/bucket'],
  ['S3_PUBLIC_ENDPOINT', 'store.example.org'],
  ['S3_FORCE_PATH_STYLE', 'yes'],
  ['S3_UPLOAD_METHOD', 'PUT'],
  ['PUBLIC_BASE_URL', 'javascript:alert(1)'],
  ['S3_BUCKET_COVERS', 'My_Covers'],
  ['PUBLIC_BASE_URL_COVERS', 'cdn.example.org'],
  ['AUTH_MODE', 'none'],
  ['ALLOW_PUBLIC_GUESTS', 'yes'],
  ['OIDC_ISSUER', 'http://login.example.org'],
  ['OIDC_ISSUER', 'https://login.example.org/?tenant=1'],
  ['OIDC_SCOPES', 'profile email'],
  ['OIDC_ALLOWED_DOMAINS', '@example.org'],
  ['OIDC_ALLOWED_DOMAINS', '*.example.org'],
  ['OIDC_ALLOWED_DOMAINS', 'example.org,'],
  ['OIDC_ALLOWED_GROUPS', 'staff,,board'],
  ['OIDC_ALLOW_EVERYONE', 'yes'],
  ['SESSION_MAX_HOURS', '7d'],
  ['PROXY_JWT_HEADER', 'two words'],
  ['PROXY_JWT_HEADER', 'Cookie'],
  ['PROXY_JWT_ISSUER', 'two words'],
  ['PROXY_JWT_AUDIENCE', 'two words'],
  ['PROXY_JWKS_URL', 'http://login.example.org/jwks'],
  ['PROXY_JWKS_URL', 'http://localhost.example.org/jwks'],
  ['PROXY_JWKS_URL', 'file:///jwks.json'],
  ['PROXY_ALB_ARN', 'arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/net/a/0123456789abcdef'],
  ['PROXY_ALB_ARN', 'arn:aws:elasticloadbalancing:evil.example/:123456789012:loadbalancer/app/a/0123456789abcdef'],
  ['PROXY_SIGN_OUT_URL', '//evil.example'],
  ['PROXY_SIGN_OUT_URL', '/\\evil.example'],
  ['PROXY_SIGN_OUT_URL', 'javascript:alert(1)'],
  ['SESSION_SECRETS', 'too short'],
  ['SESSION_SECRETS', `${'a'.repeat(32)},`],
  ['MAX_UPLOAD_BYTES', '5MB'],
  ['MAX_PIXELS', '-1'],
  ['CROP_CONCURRENCY', '1.5'],
  ['CROP_QUEUE', 'Infinity'],
  ['CROP_MEMORY_BYTES', '300MB'],
  ['USER_QUOTA', '0'],
  ['DRAIN_MS', '25s'],
  ['METRICS_PORT', '65536'],
  ['ALLOW_UNENFORCED_UPLOADS', 'accept'],
  ['AWS_REGION', 'eu central'],
  ['S3_BUCKET_AVATARS', 'My_Avatars'],
  ['PUBLIC_BASE_URL_AVATARS', 'https://cdn.example.org/?a=1'],
  ['STORE_TIMEOUT_MS', '30s'],
  ['NEXT_SERVER_ACTIONS_ENCRYPTION_KEY', 'short'],
] as const

test.each(badValues)('rejects %s=%s with a sentence that names only this variable', (name, value) => {
  // Zod's own texts describe JavaScript: "Invalid input: expected number, received NaN".
  expect(errorOf({ ...good, [name]: value })).toMatch(
    new RegExp(`^This host cannot start\\.\n  ${name}: must [^\n]*\\.$`),
  )
})

test('has a bad value for every variable that can be wrong', () => {
  const free = [
    // Next, Node and glibc check their own.
    ...['NODE_ENV', 'PORT', 'HOSTNAME', 'KEEP_ALIVE_TIMEOUT', 'NODE_COMPILE_CACHE'],
    ...['MALLOC_ARENA_MAX', 'MALLOC_MMAP_THRESHOLD_'],
    // Any text may be right.
    ...['OIDC_CLIENT_ID', 'OIDC_CLIENT_SECRET', 'OIDC_GROUPS_CLAIM'],
  ]
  const tested = new Set<string>(badValues.map(([name]) => name))
  expect(variableNames.filter((name) => !tested.has(name) && !free.includes(name))).toEqual([])
})

describe('AUTH_MODE=oidc', () => {
  const oidc = { ...good, AUTH_MODE: 'oidc', OIDC_ISSUER: 'https://login.example.org', OIDC_CLIENT_ID: 'anyhost' }

  test('needs issuer and client id', () => {
    const message = errorOf({ ...good, AUTH_MODE: 'oidc' })
    expect(message).toContain('OIDC_ISSUER is not set')
    expect(message).toContain('OIDC_CLIENT_ID is not set')
  })

  test('reads who may sign in', () => {
    const { oidc: read } = parseEnv({ ...oidc, OIDC_ALLOWED_DOMAINS: 'Example.org, example.com' })
    expect(read).toMatchObject({ allowedDomains: ['example.org', 'example.com'], allowedGroups: undefined })
    expect(parseEnv({ ...oidc, OIDC_ALLOWED_GROUPS: 'Staff Members' }).oidc?.allowedGroups).toEqual(['Staff Members'])
  })

  test.each([
    ['https://login.example.org', 'everyone with an account there'],
    ['https://accounts.google.com', 'everyone in the world'],
    ['https://login.microsoftonline.com/common/v2.0', 'everyone in the world'],
    ['https://login.microsoftonline.com/organizations/v2.0', 'everyone in the world'],
  ])('does not start for %s without a limit on who may sign in', (issuer, everyone) => {
    const message = errorOf({ ...oidc, OIDC_ISSUER: issuer })
    expect(message).toContain(`${issuer} would let in ${everyone}`)
    expect(message.split('\n')).toHaveLength(2)
  })

  test('lets everyone in by an explicit setting', () => {
    expect(parseEnv({ ...oidc, OIDC_ALLOW_EVERYONE: 'true' }).oidc?.allowedDomains).toBeUndefined()
  })

  test('allows an issuer without https on this machine only', () => {
    const local = { ...oidc, OIDC_ISSUER: 'http://127.0.0.1:4000', OIDC_ALLOW_EVERYONE: 'true' }
    expect(parseEnv(local).oidc?.issuer).toBe('http://127.0.0.1:4000')
  })

  test('needs no permission for guests on a public origin', () => {
    const all = { ...oidc, APP_ORIGIN: 'https://me.example.org', OIDC_ALLOW_EVERYONE: 'true' }
    expect(parseEnv(all).authMode).toBe('oidc')
  })
})

describe('S29: AUTH_MODE=proxy', () => {
  const generic = {
    PROXY_JWT_HEADER: 'Cf-Access-Jwt-Assertion',
    PROXY_JWT_ISSUER: 'https://acme.cloudflareaccess.com',
    PROXY_JWT_AUDIENCE: '4714c1358e65fe4b',
    PROXY_JWKS_URL: 'https://acme.cloudflareaccess.com/cdn-cgi/access/certs',
  }
  const arn = 'arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/anyhost/0123456789abcdef'
  const proxy = { ...good, APP_ORIGIN: 'https://me.example.org', AUTH_MODE: 'proxy' }

  test('starts on a public origin with header, issuer, audience and keys', () => {
    expect(parseEnv({ ...proxy, ...generic, PROXY_SIGN_OUT_URL: '/cdn-cgi/access/logout' })).toMatchObject({
      authMode: 'proxy',
      proxy: {
        kind: 'jwks',
        header: 'cf-access-jwt-assertion',
        issuer: generic.PROXY_JWT_ISSUER,
        audience: generic.PROXY_JWT_AUDIENCE,
        jwksUrl: generic.PROXY_JWKS_URL,
        signOutUrl: '/cdn-cgi/access/logout',
      },
    })
  })

  test.each(Object.keys(generic))('does not start without %s', (name) => {
    expect(errorOf({ ...proxy, ...generic, [name]: '' })).toBe(
      `This host cannot start.\n  ${name} is not set, and AUTH_MODE=proxy needs it. See docs/sign-in.md.`,
    )
  })

  test.each([arn, arn.replace('aws', 'aws-us-gov').replace('eu-central-1', 'us-gov-west-1')])(
    'starts with the ARN of a load balancer alone: %s',
    (name) => {
      expect(parseEnv({ ...proxy, PROXY_ALB_ARN: name }).proxy).toEqual({
        kind: 'alb',
        arn: name,
        signOutUrl: undefined,
      })
    },
  )

  test.each(Object.entries(generic))('does not start with PROXY_ALB_ARN and %s', (name, value) => {
    expect(errorOf({ ...proxy, PROXY_ALB_ARN: arn, [name]: value })).toBe(
      `This host cannot start.\n  ${name}: must not be set together with PROXY_ALB_ARN.`,
    )
  })

  test('loads keys by http from this machine only', () => {
    const jwksUrl = 'http://127.0.0.1:4000/jwks'
    expect(parseEnv({ ...proxy, ...generic, PROXY_JWKS_URL: jwksUrl }).proxy).toMatchObject({ jwksUrl })
  })

  test('does not use these variables in another mode', () => {
    expect(parseEnv({ ...good, ...generic }).proxy).toBeUndefined()
  })
})

describe('a variable that looks like another', () => {
  test.each([
    ['S3_BUCKET_COVRES', 'S3_BUCKET_COVERS'],
    ['S3_BUKET', 'S3_BUCKET'],
    ['SESSION_SECRET', 'SESSION_SECRETS'],
    ['APP_ORGIN', 'APP_ORIGIN'],
    ['drain_ms', 'DRAIN_MS'],
    ['PUBLIC_BASE_URL_COVER', 'PUBLIC_BASE_URL_COVERS'],
    ['KEEPALIVE_TIMEOUT', 'KEEP_ALIVE_TIMEOUT'],
    ['NEXT_SERVER_ACTION_ENCRYPTION_KEY', 'NEXT_SERVER_ACTIONS_ENCRYPTION_KEY'],
  ])('is an error: %s means %s', (name, near) => {
    expect(errorOf({ ...good, [name]: 'x' })).toBe(
      `This host cannot start.\n  ${name}: is unknown. Did you mean ${near}?`,
    )
  })

  test('is an error for every variable with a letter too few', () => {
    const known = variableNames.filter((name) => !['PORT', 'HOSTNAME', 'NODE_ENV'].includes(name))
    for (const name of known) {
      const typo = name.slice(0, 3) + name.slice(4)
      if (!typo.startsWith('AWS_ENDPOINT_URL'))
        expect(errorOf({ ...good, [typo]: 'x' })).toContain(`Did you mean ${name}?`)
    }
  })

  test('is an error for a bucket of no collection, which lists all collections', () => {
    const message = errorOf({ ...good, S3_BUCKET_PICTURES: 'pictures' })
    expect(message).toContain('S3_BUCKET_PICTURES: is of no collection. Use S3_BUCKET_AVATARS or S3_BUCKET_COVERS.')
  })

  test('is an error for npm run bucket too', () => {
    expect(() => readStoreEnv({ ...good, S3_BUKET: 'x' })).toThrow('Did you mean S3_BUCKET?')
  })

  test.each([
    ...['PATH', 'HOST', 'HOME', 'HOSTTYPE', 'LOGNAME', 'PORT', 'POST', 'NODE_OPTIONS', 'NODE_EXTRA_CA_CERTS'],
    ...['AWS_DEFAULT_REGION', 'AWS_PROFILE', 'AWS_ROLE_ARN', 'AWS_ENDPOINT_URL_STS', 'AWS_CA_BUNDLE'],
    ...['HOST_1', 'HOST_2', 'HOST_PORT', 'S3_PORT', 'S3_SERVICE_HOST', 'KUBERNETES_PORT', 'npm_package_name'],
    ...[
      'CROPS_PER_MINUTE',
      'MAX_BODY_BYTES',
      'STORE_PORT',
      'TEST_STORE_REGION',
      'NEXT_TELEMETRY_DISABLED',
      'NEXT_RUNTIME',
    ],
  ])('is not an error if it belongs to another program: %s', (name) => {
    expect(parseEnv({ ...good, [name]: 'x' })).toEqual(parseEnv(good))
  })
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

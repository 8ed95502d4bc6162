import { createHmac, randomBytes } from 'node:crypto'
import { type CryptoKey, exportJWK, exportSPKI, generateKeyPair, type JWTPayload, SignJWT } from 'jose'
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { log } from '@/lib/log'
import type { Verifier } from './identity'
import { KeysUnavailable } from './keys-unavailable'
import { type KeyServer, startKeyServer } from './test-support/key-server'
import { createJwtVerifier } from './verify-jwt'

const issuer = 'https://login.example.org'
const audience = 'anyhost'
const nowSeconds = Date.parse('2026-12-01T12:00:00Z') / 1000

interface Pair {
  publicKey: CryptoKey
  privateKey: CryptoKey
}
let pair: Pair
let stranger: Pair
let server: KeyServer
/** What a clock shows that no one sets. */
let elapsedMs = 0
let verify: Verifier['verify']
let check: Verifier['check']

beforeAll(async () => {
  pair = await generateKeyPair('RS256')
  stranger = await generateKeyPair('RS256')
})

beforeEach(async () => {
  vi.stubEnv('APP_ORIGIN', 'http://localhost:3000')
  vi.stubEnv('AWS_REGION', 'eu-central-1')
  vi.stubEnv('S3_BUCKET', 'pictures')
  vi.stubEnv('AUTH_MODE', 'guest')
  vi.stubEnv('SESSION_SECRETS', 'a'.repeat(32))
  server = await startKeyServer()
  await publish(['first', pair])
  elapsedMs = 0
  ;({ verify, check } = createJwtVerifier(
    { issuer, audience, jwksUrl: `${server.origin}/jwks` },
    { nowSeconds: () => nowSeconds, elapsedMs: () => elapsedMs },
  ))
})
afterEach(async () => {
  await server.close()
  vi.restoreAllMocks()
  vi.unstubAllEnvs()
})

async function publish(...keys: [kid: string, pair: Pair][]): Promise<void> {
  const jwks = await Promise.all(keys.map(async ([kid, { publicKey }]) => ({ ...(await exportJWK(publicKey)), kid })))
  server.files.set('/jwks', JSON.stringify({ keys: jwks }))
}

const ada = {
  iss: issuer,
  aud: audience,
  sub: 'ada-1',
  name: 'Ada Lovelace',
  email: 'ada@example.org',
  exp: nowSeconds + 300,
}

function sign(claims: JWTPayload, { kid = 'first', alg = 'RS256', key = pair.privateKey } = {}): Promise<string> {
  return new SignJWT(claims).setProtectedHeader({ alg, kid }).sign(key)
}

/** Waits for a load in the background, with a limit for a hang. */
const eventually = (assertion: () => unknown) => vi.waitFor(assertion, { timeout: 20_000 })

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

describe('S29: a JWT of the proxy', () => {
  test('identifies a person by issuer and subject', async () => {
    expect(await verify(await sign(ada))).toEqual({
      issuer,
      subject: 'ada-1',
      name: 'Ada Lovelace',
      email: 'ada@example.org',
    })
  })

  test.each([
    ['with the audience in a list', { aud: ['other', audience] }],
    ['that expired less than a minute ago, by clocks that differ', { exp: nowSeconds - 50 }],
    ['that becomes valid within a minute', { nbf: nowSeconds + 50 }],
  ])('is valid %s', async (_, claims) => {
    expect(await verify(await sign({ ...ada, ...claims }))).toMatchObject({ subject: 'ada-1' })
  })

  test.each([
    ['another issuer', { iss: 'https://evil.example' }],
    ['an issuer with a slash more', { iss: `${issuer}/` }],
    ['no issuer', { iss: undefined }],
    ['another audience', { aud: 'wiki' }],
    ['a list of other audiences', { aud: ['wiki', 'mail'] }],
    ['no audience', { aud: undefined }],
    ['a time of expiry in the past', { exp: nowSeconds - 61 }],
    ['no time of expiry', { exp: undefined }],
    ['a start in the future', { nbf: nowSeconds + 120 }],
    ['no subject', { sub: undefined }],
    ['an empty subject', { sub: '' }],
    ['a subject that is no text', { sub: 7 as never }],
  ])('is not valid with %s', async (_, claims) => {
    expect(await verify(await sign({ ...ada, ...claims }))).toBeNull()
  })

  test('is not valid without a signature (alg none)', async () => {
    for (const alg of ['none', 'None', '']) {
      expect(await verify(`${encode({ alg, kid: 'first' })}.${encode(ada)}.`)).toBeNull()
    }
  })

  test('is not valid with HS256 and the public key as the secret', async () => {
    const signed = `${encode({ alg: 'HS256', kid: 'first' })}.${encode(ada)}`
    for (const secret of [await exportSPKI(pair.publicKey), JSON.stringify(await exportJWK(pair.publicKey))]) {
      expect(await verify(`${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`)).toBeNull()
    }
  })

  test.each(['HS256', 'RS384', 'PS256', 'ES256', 'EdDSA', 'RSA1_5'])(
    'is not valid if its header claims %s',
    async (alg) => {
      const [, payload, signature] = (await sign(ada)).split('.')
      expect(await verify(`${encode({ alg, kid: 'first' })}.${payload}.${signature}`)).toBeNull()
    },
  )

  test.each([{ crit: ['b64'], b64: false }, { crit: ['exp'] }, { kid: 7 }, { kid: undefined }, { jwk: {} }])(
    'is not valid with the header claim %o, signed by another key',
    async (claim) => {
      const header = encode({ alg: 'RS256', kid: 'first', ...claim })
      const signature = await crypto.subtle.sign(
        'RSASSA-PKCS1-v1_5',
        stranger.privateKey,
        Buffer.from(`${header}.${encode(ada)}`),
      )
      expect(await verify(`${header}.${encode(ada)}.${Buffer.from(signature).toString('base64url')}`)).toBeNull()
    },
  )

  test('is not valid with the key of a stranger under a known key id', async () => {
    expect(await verify(await sign(ada, { key: stranger.privateKey }))).toBeNull()
  })

  test('is not valid with another payload than the signed one', async () => {
    const [header, , signature] = (await sign(ada)).split('.')
    expect(await verify(`${header}.${encode({ ...ada, sub: 'root' })}.${signature}`)).toBeNull()
  })

  test.each(['', '.', '..', 'a.b.c', 'ada@example.org', '💥', '[object Object]'])('is not "%s"', async (text) => {
    expect(await verify(text)).toBeNull()
  })

  test('is not a long text', async () => {
    expect(await verify('x'.repeat(16_000))).toBeNull()
    expect(await verify('.'.repeat(16_000))).toBeNull()
    expect(await verify('a.'.repeat(8_000))).toBeNull()
  })

  test('twice in one header is no token', async () => {
    const token = await sign(ada)
    expect(await verify(`${token}, ${token}`)).toBeNull()
  })

  test.each(['ES256', 'PS256', 'EdDSA'])('may be signed with %s', async (alg) => {
    const other = await generateKeyPair(alg)
    await publish(['other', other])
    expect(await verify(await sign(ada, { alg, kid: 'other', key: other.privateKey }))).toMatchObject({
      subject: 'ada-1',
    })
  })
})

test.each([
  [{ preferred_username: 'ada', email: 'a@example.org' }, 'ada'],
  [{ email: 'countess@example.org' }, 'countess'],
  [{ name: ' ', preferred_username: 7, email: 'countess@example.org' }, 'countess'],
  [{}, 'ada-1'],
])('takes the name from %o', async (claims, name) => {
  expect(await verify(await sign({ ...ada, name: undefined, email: undefined, ...claims }))).toMatchObject({ name })
})

describe('S29: the keys', () => {
  test('are loaded once for many requests at the same time', async () => {
    const token = await sign(ada)
    await Promise.all(Array.from({ length: 50 }, () => verify(token)))
    await verify(token)
    expect(server.requests).toEqual(['/jwks'])
  })

  test('are loaded again for an unknown key id, at most every ten seconds', async () => {
    const token = await sign(ada, { kid: 'second', key: stranger.privateKey })
    expect(await verify(token)).toBeNull()
    await publish(['first', pair], ['second', stranger])
    for (let index = 0; index < 20; index += 1) expect(await verify(token)).toBeNull()
    expect(server.requests).toHaveLength(1)
    elapsedMs += 10_000
    expect(await verify(token)).toMatchObject({ subject: 'ada-1' })
    expect(server.requests).toHaveLength(2)
  })

  test('that are gone from the URL are not valid any longer', async () => {
    const token = await sign(ada)
    await verify(token)
    await publish(['second', stranger])
    elapsedMs += 10 * 60_000 + 1
    // This request starts the load and does not wait for it.
    expect(await verify(token)).not.toBeNull()
    await eventually(async () => expect(await verify(token)).toBeNull())
  })

  test('that are known remain valid during an outage, which is logged once', async () => {
    const token = await sign(ada)
    await verify(token)
    const logged = vi.spyOn(log(), 'error').mockImplementation(() => {})
    server.failure = 500
    for (let hours = 0; hours < 3; hours += 1) {
      elapsedMs += 3_600_000
      // A load that still runs delays the next one.
      await eventually(async () => {
        expect(await verify(token)).toMatchObject({ subject: 'ada-1' })
        expect(server.requests).toHaveLength(2 + hours)
      })
    }
    await eventually(() => expect(logged).toHaveBeenCalledTimes(1))
    expect(logged.mock.calls[0]).toMatchObject([
      { operation: 'load keys', target: `${server.origin}/jwks`, err: { message: 'status 500 instead of 200' } },
      expect.stringContaining('failed'),
    ])
  })

  test('that cannot be loaded are an outage, not signed-out people', async () => {
    vi.spyOn(log(), 'error').mockImplementation(() => {})
    const token = await sign(ada)
    server.failure = 503
    await expect(verify(token)).rejects.toThrow(KeysUnavailable)
    await expect(verify(token)).rejects.toThrow(KeysUnavailable)
    expect(server.requests).toHaveLength(1)
    server.failure = undefined
    elapsedMs += 10_000
    expect(await verify(token)).toMatchObject({ subject: 'ada-1' })
  })

  test('are checked when a host starts, and then known', async () => {
    await check()
    expect(await verify(await sign(ada))).toMatchObject({ subject: 'ada-1' })
    expect(server.requests).toHaveLength(1)
  })

  test('that cannot be loaded fail the check, which is logged once', async () => {
    const logged = vi.spyOn(log(), 'error').mockImplementation(() => {})
    server.failure = 404
    await expect(check()).rejects.toThrow(KeysUnavailable)
    await expect(verify(await sign(ada))).rejects.toThrow(KeysUnavailable)
    expect(logged).toHaveBeenCalledTimes(1)
  })

  test.each(['', 'no JSON', '{}', '{"keys":7}', '[]'])('that are "%s" are an outage', async (text) => {
    vi.spyOn(log(), 'error').mockImplementation(() => {})
    server.files.set('/jwks', text)
    await expect(verify(await sign(ada))).rejects.toThrow(KeysUnavailable)
  })

  test('of a new key id that cannot be loaded are an outage', async () => {
    vi.spyOn(log(), 'error').mockImplementation(() => {})
    await verify(await sign(ada))
    server.failure = 500
    elapsedMs += 10_000
    await expect(verify(await sign(ada, { kid: randomBytes(4).toString('hex') }))).rejects.toThrow(KeysUnavailable)
  })
})

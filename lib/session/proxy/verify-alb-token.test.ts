import { generateKeyPairSync, type KeyObject, randomUUID, sign as signBytes } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { log } from '@/lib/log'
import { albKeyBase } from './alb-keys'
import type { Verifier } from './identity'
import { KeysUnavailable } from './keys-unavailable'
import { type KeyServer, startKeyServer } from './test-support/key-server'
import { createAlbVerifier } from './verify-alb-token'

const arn = 'arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/anyhost/0123456789abcdef'
const kid = '2f0cd7e6-5bd4-4dbb-a4ab-0b3aa5ac30c5'
const nowSeconds = Date.parse('2026-12-01T12:00:00Z') / 1000

const own = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const pemOf = (key: KeyObject) => key.export({ type: 'spki', format: 'pem' }).toString()

let server: KeyServer
let elapsedMs = 0
let verify: Verifier['verify']
let check: Verifier['check']

beforeEach(async () => {
  vi.stubEnv('APP_ORIGIN', 'http://localhost:3000')
  vi.stubEnv('AWS_REGION', 'eu-central-1')
  vi.stubEnv('S3_BUCKET', 'pictures')
  vi.stubEnv('AUTH_MODE', 'guest')
  vi.stubEnv('SESSION_SECRETS', 'a'.repeat(32))
  server = await startKeyServer()
  server.files.set(`/${kid}`, pemOf(own.publicKey))
  elapsedMs = 0
  ;({ verify, check } = createAlbVerifier(
    arn,
    { nowSeconds: () => nowSeconds, elapsedMs: () => elapsedMs },
    server.origin,
  ))
})
afterEach(async () => {
  await server.close()
  vi.restoreAllMocks()
  vi.unstubAllEnvs()
})

const header = {
  alg: 'ES256',
  kid,
  signer: arn,
  iss: 'https://login.example.org',
  client: 'anyhost',
  exp: nowSeconds + 120,
}
const ada = { sub: 'ada-1', name: 'Ada', email: 'ada@example.org', exp: header.exp, iss: header.iss }

/** Encodes as AWS does: base64url with padding. */
const encode = (bytes: Buffer) => bytes.toString('base64').replaceAll('+', '-').replaceAll('/', '_')
const encodeJson = (value: unknown) => encode(Buffer.from(JSON.stringify(value)))

function sign(claims: object, head: object = header, key = own.privateKey): string {
  const text = `${encodeJson(head)}.${encodeJson(claims)}`
  return `${text}.${encode(signBytes('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' }))}`
}

describe('S29: the token of an AWS load balancer', () => {
  test('identifies a person, with the padding that AWS adds to each part', async () => {
    const lengths = ['', 'x', 'xx'].map((filler) => sign({ ...ada, filler }, { ...header, filler }))
    expect(lengths.join()).toMatch(/==?\./)
    for (const token of lengths) {
      expect(token).toMatch(/==$/)
      expect(await verify(token)).toEqual({
        issuer: header.iss,
        subject: 'ada-1',
        name: 'Ada',
        email: 'ada@example.org',
      })
    }
  })

  test('loads each key once, for requests at the same time too', async () => {
    await Promise.all(Array.from({ length: 50 }, () => verify(sign(ada))))
    elapsedMs += 60_000
    await verify(sign(ada))
    expect(server.requests).toEqual([`/${kid}`])
  })

  test.each([
    ['another load balancer as its signer', { signer: arn.replace('anyhost', 'evil') }],
    ['no signer', { signer: undefined }],
    ['the algorithm none', { alg: 'none' }],
    ['the algorithm HS256', { alg: 'HS256' }],
    ['the algorithm RS256', { alg: 'RS256' }],
    ['a time of expiry in the past', { exp: nowSeconds - 61 }],
    ['no time of expiry', { exp: undefined }],
    ['a time of expiry as text', { exp: String(header.exp) }],
    ['no issuer', { iss: undefined }],
    ['an empty issuer', { iss: '' }],
    ['a path as the key id', { kid: '../evil' }],
    ['a key id with a path after it', { kid: `${kid}/../evil` }],
    ['a key id with a query', { kid: `${kid}?x` }],
    ['a key id of two lines', { kid: `${kid}\n` }],
    ['a URL as the key id', { kid: 'https://evil.example/key' }],
    ['no key id', { kid: undefined }],
  ])('is not valid with %s, and no key is loaded', async (_, claim) => {
    expect(await verify(sign(ada, { ...header, ...claim }))).toBeNull()
    expect(server.requests).toEqual([])
  })

  test.each([{ sub: undefined }, { sub: '' }, { sub: 7 }])('is not valid with the claim %o', async (claim) => {
    expect(await verify(sign({ ...ada, ...claim }))).toBeNull()
  })

  test('is not valid with the signature of another key', async () => {
    expect(await verify(sign(ada, header, stranger.privateKey))).toBeNull()
  })

  test('is not valid with another payload or header than the signed ones', async () => {
    const [head, payload, signature] = sign(ada).split('.')
    expect(await verify(`${head}.${encodeJson({ ...ada, sub: 'root' })}.${signature}`)).toBeNull()
    expect(await verify(`${encodeJson({ ...header, iss: 'https://evil.example' })}.${payload}.${signature}`)).toBeNull()
    // The signature covers the text as sent, with its padding.
    expect(await verify(`${head}.${payload}=.${signature}`)).toBeNull()
  })

  test.each([0, 1, 63, 64, 65, 72])('is not valid with a signature of %d bytes', async (length) => {
    const [head, payload] = sign(ada).split('.')
    for (const byte of [0, 1, 255]) {
      expect(await verify(`${head}.${payload}.${encode(Buffer.alloc(length, byte))}`)).toBeNull()
    }
  })

  test.each(['', '..', 'a.b.c', 'e30.e30.e30', 'ada@example.org'])('is not "%s"', async (text) => {
    expect(await verify(text)).toBeNull()
  })

  test('is not a long text', async () => {
    expect(await verify('x'.repeat(16_000))).toBeNull()
    expect(await verify('.'.repeat(16_000))).toBeNull()
    expect(await verify('a.'.repeat(8_000))).toBeNull()
  })

  test('twice in one header is no token', async () => {
    expect(await verify(`${sign(ada)}, ${sign(ada)}`)).toBeNull()
  })
})

describe('S29: the key of an AWS load balancer', () => {
  test.each([403, 404])('that AWS does not have (%d) makes the token invalid', async (status) => {
    server.failure = status
    expect(await verify(sign(ada))).toBeNull()
    expect(await verify(sign(ada))).toBeNull()
    expect(server.requests).toHaveLength(1)
    server.failure = undefined
    elapsedMs += 10_000
    expect(await verify(sign(ada))).not.toBeNull()
  })

  test('that cannot be loaded is an outage, logged once; known keys remain valid', async () => {
    await verify(sign(ada))
    const logged = vi.spyOn(log(), 'error').mockImplementation(() => {})
    server.failure = 500
    for (let index = 0; index < 3; index += 1) {
      await expect(verify(sign(ada, { ...header, kid: randomUUID() }))).rejects.toThrow(KeysUnavailable)
    }
    expect(await verify(sign(ada))).not.toBeNull()
    expect(logged).toHaveBeenCalledTimes(1)
  })

  test('of invented ids is looked up ten times within ten seconds at most', async () => {
    for (let index = 0; index < 10; index += 1) {
      expect(await verify(sign(ada, { ...header, kid: randomUUID() }))).toBeNull()
    }
    await expect(verify(sign(ada, { ...header, kid: randomUUID() }))).rejects.toThrow(KeysUnavailable)
    expect(server.requests).toHaveLength(10)
    elapsedMs += 10_000
    expect(await verify(sign(ada))).not.toBeNull()
  })

  test('can be asked for when a host starts: AWS answers that it has no such key', async () => {
    await check()
    server.failure = 403
    elapsedMs += 10_000
    await check()
    vi.spyOn(log(), 'error').mockImplementation(() => {})
    server.failure = 500
    elapsedMs += 10_000
    await expect(check()).rejects.toThrow(KeysUnavailable)
  })

  test('must be one of P-256', async () => {
    vi.spyOn(log(), 'error').mockImplementation(() => {})
    const others = [
      pemOf(generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey),
      pemOf(generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey),
      'no key',
    ]
    for (const pem of others) {
      const id = randomUUID()
      server.files.set(`/${id}`, pem)
      await expect(verify(sign(ada, { ...header, kid: id }))).rejects.toThrow(KeysUnavailable)
    }
  })

  test.each([
    ['aws', 'eu-central-1', 'https://public-keys.auth.elb.eu-central-1.amazonaws.com'],
    ['aws-cn', 'cn-north-1', 'https://public-keys.auth.elb.cn-north-1.amazonaws.com.cn'],
    ['aws-us-gov', 'us-gov-west-1', 'https://s3-us-gov-west-1.amazonaws.com/aws-elb-public-keys-prod-us-gov-west-1'],
  ])('of the partition %s has the address that AWS documents', (partition, region, base) => {
    expect(albKeyBase(`arn:${partition}:elasticloadbalancing:${region}:123456789012:loadbalancer/app/a/0`)).toBe(base)
  })
})

import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from 'jose'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { type KeyServer, startKeyServer } from './test-support/key-server'

const issuer = 'https://login.example.org'
const name = 'x-identity-token'
let server: KeyServer
let privateKey: CryptoKey

beforeAll(async () => {
  const pair = await generateKeyPair('ES256')
  privateKey = pair.privateKey
  server = await startKeyServer()
  server.files.set('/jwks', JSON.stringify({ keys: [await exportJWK(pair.publicKey)] }))
})
afterAll(() => server.close())

beforeEach(() => {
  vi.stubEnv('APP_ORIGIN', 'https://me.example.org')
  vi.stubEnv('AWS_REGION', 'eu-central-1')
  vi.stubEnv('S3_BUCKET', 'pictures')
  vi.stubEnv('AUTH_MODE', 'proxy')
  vi.stubEnv('SESSION_SECRETS', 'a'.repeat(32))
  vi.stubEnv('PROXY_JWT_HEADER', 'X-Identity-Token')
  vi.stubEnv('PROXY_JWT_ISSUER', issuer)
  vi.stubEnv('PROXY_JWT_AUDIENCE', 'anyhost')
  vi.stubEnv('PROXY_JWKS_URL', `${server.origin}/jwks`)
  vi.resetModules()
})
afterEach(() => vi.unstubAllEnvs())

/** Reads the identity of a request with these headers. */
async function read(...headers: [name: string, value: string][]) {
  const { readProxyIdentity } = await import('./read-identity')
  const all = new Headers()
  for (const [header, value] of headers) all.append(header, value)
  return readProxyIdentity(all)
}

function tokenOf(subject: string, more: object = {}): Promise<string> {
  return new SignJWT({ name: subject, ...more })
    .setProtectedHeader({ alg: 'ES256' })
    .setIssuer(issuer)
    .setAudience('anyhost')
    .setSubject(subject)
    .setExpirationTime('5m')
    .sign(privateKey)
}

describe('S29: a request in proxy mode', () => {
  test('is of the person in the token of the proxy, plain or as Bearer', async () => {
    const ada = { issuer, subject: 'ada', name: 'ada' }
    const token = await tokenOf('ada')
    expect(await read([name, token])).toEqual(ada)
    expect(await read([name, `Bearer ${token}`])).toEqual(ada)
    expect(await read([name, `bearer  ${token}`])).toEqual(ada)
  })

  test('is of the person in the Authorization header of an API client', async () => {
    expect(await read(['authorization', `Bearer ${await tokenOf('bot')}`])).toMatchObject({ subject: 'bot' })
  })

  test('is of the person whom the proxy names, whatever Authorization says', async () => {
    const bearer = ['authorization', `Bearer ${await tokenOf('bot')}`] as [string, string]
    expect(await read(bearer, [name, await tokenOf('ada')])).toMatchObject({ subject: 'ada' })
    for (const value of ['', 'forged', 'Bearer ']) expect(await read(bearer, [name, value])).toBeNull()
  })

  test.each([
    ['x-forwarded-user', 'ada'],
    ['x-forwarded-email', 'ada@example.org'],
    ['x-forwarded-preferred-username', 'ada'],
    ['x-auth-request-user', 'ada'],
    ['x-remote-user', 'ada'],
    ['remote-user', 'ada'],
    ['x-amzn-oidc-identity', 'ada'],
    ['x-goog-authenticated-user-email', 'accounts.google.com:ada@example.org'],
    ['cf-access-authenticated-user-email', 'ada@example.org'],
    ['oidc_claim_sub', 'ada'],
    [name, 'ada'],
    [name, 'eyJzdWIiOiJhZGEifQ'],
    ['authorization', `Basic ${btoa('ada:ada')}`],
    ['authorization', 'ada'],
  ])('is of no one with the plain header %s: %s', async (header, value) => {
    expect(await read([header, value])).toBeNull()
  })

  test('is of no one with the token in a header that is not the configured one', async () => {
    for (const header of ['x-amzn-oidc-data', 'cf-access-jwt-assertion', 'x-id-token', 'cookie']) {
      expect(await read([header, await tokenOf('ada')])).toBeNull()
    }
  })

  test('is of no one with two tokens, even of the same person', async () => {
    const token = await tokenOf('ada')
    expect(await read([name, token], [name, token])).toBeNull()
    expect(await read([name, token], [name, ''])).toBeNull()
    expect(await read(['authorization', `Bearer ${token}`], ['authorization', `Bearer ${token}`])).toBeNull()
  })

  test('is of no one with a token over 16 kB', async () => {
    expect(await read([name, await tokenOf('ada', { groups: 'x'.repeat(10_000) })])).not.toBeNull()
    expect(await read([name, await tokenOf('ada', { groups: 'x'.repeat(13_000) })])).toBeNull()
  })

  test('is of no one without a token', async () => {
    expect(await read()).toBeNull()
    expect(await read(['cookie', 'session=anything'])).toBeNull()
  })
})

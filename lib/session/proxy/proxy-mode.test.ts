import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from 'jose'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { createGuest } from '@/lib/session/guest'
import { userOf } from '@/lib/session/user'
import { type KeyServer, startKeyServer } from './test-support/key-server'

/** One request in Next: its headers, its cookies and those of its response. */
const request = vi.hoisted(() => ({ headers: new Headers(), cookies: new Map<string, string>(), setCookies: 0 }))

vi.mock('next/headers', () => ({
  headers: async () => request.headers,
  cookies: async () => ({
    get: (name: string) => (request.cookies.has(name) ? { name, value: request.cookies.get(name) } : undefined),
    set: (name: string, value: string) => {
      request.setCookies += 1
      request.cookies.set(name, value)
    },
  }),
}))

const issuer = 'https://login.example.org'
const ada = { uid: userOf({ issuer, subject: 'ada', name: '' }).uid, name: 'Ada' }
let server: KeyServer
let privateKey: CryptoKey
let token: string

beforeAll(async () => {
  const pair = await generateKeyPair('ES256')
  privateKey = pair.privateKey
  server = await startKeyServer()
  server.files.set('/jwks', JSON.stringify({ keys: [await exportJWK(pair.publicKey)] }))
  token = await new SignJWT({ name: 'Ada' })
    .setProtectedHeader({ alg: 'ES256' })
    .setIssuer(issuer)
    .setAudience('anyhost')
    .setSubject('ada')
    .setExpirationTime('5m')
    .sign(privateKey)
})
afterAll(() => server.close())

beforeEach(() => {
  vi.stubEnv('APP_ORIGIN', 'https://me.example.org')
  vi.stubEnv('AWS_REGION', 'eu-central-1')
  vi.stubEnv('S3_BUCKET', 'pictures')
  vi.stubEnv('AUTH_MODE', 'proxy')
  vi.stubEnv('SESSION_SECRETS', 'a'.repeat(32))
  vi.stubEnv('PROXY_JWT_HEADER', 'x-identity-token')
  vi.stubEnv('PROXY_JWT_ISSUER', issuer)
  vi.stubEnv('PROXY_JWT_AUDIENCE', 'anyhost')
  vi.stubEnv('PROXY_JWKS_URL', `${server.origin}/jwks`)
  // A host has one verifier for its life, and here each test is a host.
  vi.resetModules()
  delete (globalThis as Record<symbol, unknown>)[Symbol.for('anyhost.proxy-verifier')]
  request.headers = new Headers()
  request.cookies = new Map()
  request.setCookies = 0
})
afterEach(() => vi.unstubAllEnvs())

const unauthorized = { ok: false, code: 'unauthorized' }

describe('S29: in proxy mode', () => {
  test('the current user is the person of the token', async () => {
    const { currentUser, requireUser } = await import('@/lib/session/current-user')
    expect(await currentUser()).toBeNull()
    request.headers.set('x-identity-token', token)
    expect(await requireUser()).toEqual({ ok: true, value: ada })
  })

  test('a session cookie of guest mode identifies no one', async () => {
    const { writeGuest } = await import('@/lib/session/guest')
    await writeGuest(createGuest())
    const { requireUser } = await import('@/lib/session/current-user')
    expect(await requireUser()).toEqual(unauthorized)
  })

  test('S26: a writing request needs the right Origin, with Bearer too', async () => {
    const { requireWriter } = await import('@/lib/session/current-user')
    for (const header of ['x-identity-token', 'authorization']) {
      request.headers = new Headers({ [header]: `Bearer ${token}` })
      expect(await requireWriter()).toEqual({ ok: false, code: 'forbidden_origin' })
      request.headers.set('origin', 'https://evil.example')
      expect(await requireWriter()).toEqual({ ok: false, code: 'forbidden_origin' })
      request.headers.set('origin', 'https://me.example.org')
      expect(await requireWriter()).toEqual({ ok: true, value: ada })
    }
    expect(request.setCookies).toBe(0)
  })

  test('a token expires by the time of the store, not by that of the host', async () => {
    const { currentUser } = await import('@/lib/session/current-user')
    const { bucketOf } = await import('@/lib/images/storage/buckets')
    const { defaultCollection } = await import('@/lib/images/collections')
    const { clock } = bucketOf(defaultCollection)
    request.headers.set('x-identity-token', token)
    expect(await currentUser()).toEqual(ada)
    clock.offsetMs = 10 * 60_000
    expect(await currentUser()).toBeNull()
  })

  test('an outage of the keys is no refusal', async () => {
    vi.stubEnv('PROXY_JWKS_URL', `${server.origin}/gone`)
    const { log } = await import('@/lib/log')
    vi.spyOn(log(), 'error').mockImplementation(() => {})
    request.headers.set('x-identity-token', token)
    const { requireUser } = await import('@/lib/session/current-user')
    await expect(requireUser()).rejects.toThrow('the keys that verify sign-ins cannot be loaded')
  })
})

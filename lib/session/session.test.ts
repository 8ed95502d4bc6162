import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createGuest } from './guest'
import { userOf } from './user'

/** One request in Next: its cookies, the cookies of its response, and its headers. */
const request = vi.hoisted(() => ({
  cookies: new Map<string, string>(),
  setCookies: [] as { name: string; value: string; options: Record<string, unknown> }[],
  headers: new Headers(),
}))

vi.mock('next/headers', () => ({
  cookies: async () => ({
    get: (name: string) => (request.cookies.has(name) ? { name, value: request.cookies.get(name) } : undefined),
    set: (name: string, value: string, options: Record<string, unknown>) =>
      request.setCookies.push({ name, value, options }),
  }),
  headers: async () => request.headers,
}))

const secrets = ['the-newest-secret', 'an-older-secret'].map((secret) => secret.padEnd(32, '.'))

/** Starts a host with this public origin. */
async function startHost(appOrigin: string, sessionSecrets = secrets.join(',')) {
  vi.stubEnv('APP_ORIGIN', appOrigin)
  vi.stubEnv('SESSION_SECRETS', sessionSecrets)
  vi.resetModules()
  const [guest, user, origin] = await Promise.all([import('./guest'), import('./current-user'), import('./origin')])
  return { ...guest, ...user, ...origin }
}

/** Makes the browser send the cookie of the last response with its next request. */
function sendBack(): void {
  const last = request.setCookies.at(-1)
  if (!last) throw new Error('no cookie was set')
  request.cookies = new Map([[last.name, last.value]])
}

beforeEach(() => {
  vi.stubEnv('AWS_REGION', 'eu-central-1')
  vi.stubEnv('S3_BUCKET', 'pictures')
  vi.stubEnv('AUTH_MODE', 'guest')
  vi.stubEnv('ALLOW_PUBLIC_GUESTS', 'true')
  request.cookies = new Map()
  request.setCookies = []
  request.headers = new Headers()
})
afterEach(() => vi.unstubAllEnvs())

const guest = createGuest()

describe('S27: the session cookie', () => {
  test('is HttpOnly, SameSite=Lax, Secure and __Host- on https', async () => {
    await (await startHost('https://me.example.org')).writeGuest(guest)
    const [{ name, options }] = request.setCookies as [(typeof request.setCookies)[number]]
    expect(name).toBe('__Host-session')
    expect(options).toMatchObject({ httpOnly: true, sameSite: 'lax', secure: true, path: '/' })
    // Browsers reject a __Host- cookie that names a domain (RFC 6265bis §4.1.3.2).
    expect(options).not.toHaveProperty('domain')
  })

  test('is HttpOnly and SameSite=Lax, but not Secure, on plain http', async () => {
    await (await startHost('http://localhost:3000')).writeGuest(guest)
    expect(request.setCookies).toMatchObject([
      { name: 'session', options: { httpOnly: true, sameSite: 'lax', secure: false, path: '/' } },
    ])
  })

  test('is ignored under its http name on https', async () => {
    await (await startHost('http://localhost:3000')).writeGuest(guest)
    sendBack()
    expect(await (await startHost('https://me.example.org')).readGuest()).toBeNull()
  })

  test('is cleared by signing out, with the same attributes', async () => {
    const host = await startHost('https://me.example.org')
    await host.writeGuest(guest)
    await host.forgetGuest()
    const [set, cleared] = request.setCookies as [
      (typeof request.setCookies)[number],
      (typeof request.setCookies)[number],
    ]
    expect(cleared).toEqual({ name: set.name, value: '', options: { ...set.options, maxAge: 0 } })
    sendBack()
    expect(await host.currentUser()).toBeNull()
  })
})

describe('S9: the current user', () => {
  test('is the signed-in guest on every host, with each of the secrets', async () => {
    await (await startHost('https://me.example.org', secrets[1])).writeGuest(guest)
    sendBack()
    const host = await startHost('https://me.example.org')
    expect(await host.currentUser()).toEqual(userOf(guest))
    expect(await host.requireUser()).toEqual({ ok: true, value: userOf(guest) })
  })

  test('is null without a cookie, and with a forged or foreign one', async () => {
    const host = await startHost('https://me.example.org')
    const unauthorized = { ok: false, code: 'unauthorized' }
    expect(await host.requireUser()).toEqual(unauthorized)
    request.cookies = new Map([['__Host-session', 'forged']])
    expect(await host.requireUser()).toEqual(unauthorized)
    await (await startHost('https://me.example.org', 'the-secret-of-another-site'.padEnd(32, '.'))).writeGuest(guest)
    sendBack()
    expect(await (await startHost('https://me.example.org')).requireUser()).toEqual(unauthorized)
  })

  test('is null for a value with another audience or without an identity', async () => {
    const host = await startHost('https://me.example.org')
    const { seal } = await import('./seal')
    const identity = { iss: guest.issuer, sub: guest.subject, name: guest.name }
    for (const sealed of [await seal('sign-in', identity, 60), await seal('session', { sub: guest.subject }, 60)]) {
      request.cookies = new Map([['__Host-session', sealed]])
      expect(await host.currentUser()).toBeNull()
    }
  })
})

describe('S26: a writing request', () => {
  test.each([
    ['without an Origin', undefined],
    ['from another site', 'https://evil.example'],
    ['from a page without an origin', 'null'],
    ['from the same host by another scheme', 'http://me.example.org'],
    ['from another port', 'https://me.example.org:8443'],
    ['from a subdomain', 'https://app.me.example.org'],
    ['from a name with the same beginning', 'https://me.example.org.evil.example'],
  ])('%s is rejected before the session is read', async (_, origin) => {
    const host = await startHost('https://me.example.org')
    await host.writeGuest(guest)
    sendBack()
    if (origin) request.headers.set('origin', origin)
    // Headers about the host do not count, whether a proxy or a client sent them.
    request.headers.set('host', 'evil.example')
    request.headers.set('x-forwarded-host', 'evil.example')
    expect(await host.requireOwnOrigin()).toEqual({ ok: false, code: 'forbidden_origin' })
    expect(await host.requireWriter()).toEqual({ ok: false, code: 'forbidden_origin' })
  })

  test('from the site’s own pages is accepted if signed in', async () => {
    const host = await startHost('https://me.example.org')
    request.headers.set('origin', 'https://me.example.org')
    expect(await host.requireWriter()).toEqual({ ok: false, code: 'unauthorized' })
    await host.writeGuest(guest)
    sendBack()
    expect(await host.requireWriter()).toEqual({ ok: true, value: userOf(guest) })
  })
})

describe('S31: a writing request with a session of an older secret', () => {
  const write = async (sessionSecrets: string) => {
    const host = await startHost('https://me.example.org', sessionSecrets)
    request.headers.set('origin', 'https://me.example.org')
    return host.requireWriter()
  }

  test('seals the session again, once; a reading request does not', async () => {
    const [newest, older] = secrets as [string, string]
    const host = await startHost('https://me.example.org', older)
    await host.writeGuest(guest)
    sendBack()
    expect(await (await startHost('https://me.example.org')).requireUser()).toEqual({ ok: true, value: userOf(guest) })
    expect(request.setCookies).toHaveLength(1)
    expect(await write(`${newest},${older}`)).toEqual({ ok: true, value: userOf(guest) })
    expect(request.setCookies).toHaveLength(2)
    expect(request.setCookies[1]?.options).toEqual(request.setCookies[0]?.options)
    sendBack()
    expect(await write(newest)).toEqual({ ok: true, value: userOf(guest) })
    expect(request.setCookies).toHaveLength(2)
  })

  test('keeps a session that does not open, since another host may open it', async () => {
    const [newest, older] = secrets as [string, string]
    await (await startHost('https://me.example.org', newest)).writeGuest(guest)
    sendBack()
    expect(await write(older)).toEqual({ ok: false, code: 'unauthorized' })
    expect(request.setCookies).toHaveLength(1)
  })
})

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createGuest } from './guest'
import { userOf } from './user'

/** What Next keeps for one request: the cookies that came with it, those that its answer sets, and its headers. */
const request = vi.hoisted(() => ({
  cookies: new Map<string, string>(),
  answers: [] as { name: string; value: string; options: Record<string, unknown> }[],
  headers: new Headers(),
}))

vi.mock('next/headers', () => ({
  cookies: async () => ({
    get: (name: string) => (request.cookies.has(name) ? { name, value: request.cookies.get(name) } : undefined),
    set: (name: string, value: string, options: Record<string, unknown>) =>
      request.answers.push({ name, value, options }),
  }),
  headers: async () => request.headers,
}))

const secrets = ['the-newest-secret', 'an-older-secret'].map((secret) => secret.padEnd(32, '.'))

/** A host behind this origin. */
async function startHost(appOrigin: string, sessionSecrets = secrets.join(',')) {
  vi.stubEnv('APP_ORIGIN', appOrigin)
  vi.stubEnv('SESSION_SECRETS', sessionSecrets)
  vi.resetModules()
  const [cookie, user, origin] = await Promise.all([import('./cookie'), import('./current-user'), import('./origin')])
  return { ...cookie, ...user, ...origin }
}

/** The browser sends back what the last answer set, as a request of its own. */
function sendBack(): void {
  const last = request.answers.at(-1)
  if (!last) throw new Error('no cookie was set')
  request.cookies = new Map([[last.name, last.value]])
}

beforeEach(() => {
  vi.stubEnv('AWS_REGION', 'eu-central-1')
  vi.stubEnv('S3_BUCKET', 'pictures')
  vi.stubEnv('AUTH_MODE', 'guest')
  vi.stubEnv('ALLOW_PUBLIC_GUESTS', 'true')
  request.cookies = new Map()
  request.answers = []
  request.headers = new Headers()
})
afterEach(() => vi.unstubAllEnvs())

const guest = createGuest()

describe('S27: the session cookie', () => {
  test('is HttpOnly, SameSite=Lax, Secure and bound to its host by name, where the origin is https', async () => {
    await (await startHost('https://me.example.org')).writeSession(guest)
    const [{ name, options }] = request.answers as [(typeof request.answers)[number]]
    expect(name).toBe('__Host-session')
    expect(options).toMatchObject({ httpOnly: true, sameSite: 'lax', secure: true, path: '/' })
    // Browsers refuse a __Host- cookie that names a domain (RFC 6265bis §4.1.3.2).
    expect(options).not.toHaveProperty('domain')
  })

  test('on plain http has neither Secure nor the prefix that needs it, and the rest all the same', async () => {
    await (await startHost('http://localhost:3000')).writeSession(guest)
    expect(request.answers).toMatchObject([
      { name: 'session', options: { httpOnly: true, sameSite: 'lax', secure: false, path: '/' } },
    ])
  })

  test('is not believed under its http name where the origin is https', async () => {
    await (await startHost('http://localhost:3000')).writeSession(guest)
    sendBack()
    expect(await (await startHost('https://me.example.org')).readSession()).toBeNull()
  })

  test('is taken back by signing out, with the attributes it was set with', async () => {
    const host = await startHost('https://me.example.org')
    await host.writeSession(guest)
    await host.clearSession()
    const [set, cleared] = request.answers as [(typeof request.answers)[number], (typeof request.answers)[number]]
    expect(cleared).toEqual({ name: set.name, value: '', options: { ...set.options, maxAge: 0 } })
    sendBack()
    expect(await host.currentUser()).toBeNull()
  })
})

describe('S9: who is asking', () => {
  test('is the guest that was signed in, on whichever host, by the newest secret or an older one', async () => {
    await (await startHost('https://me.example.org', secrets[1])).writeSession(guest)
    sendBack()
    const host = await startHost('https://me.example.org')
    expect(await host.currentUser()).toEqual(userOf(guest))
    expect(await host.requireUser()).toEqual({ ok: true, value: userOf(guest) })
  })

  test('is nobody without a cookie, with a made-up one, and with one of another site', async () => {
    const host = await startHost('https://me.example.org')
    const nobody = { ok: false, code: 'unauthorized' }
    expect(await host.requireUser()).toEqual(nobody)
    request.cookies = new Map([['__Host-session', 'made-up']])
    expect(await host.requireUser()).toEqual(nobody)
    await (await startHost('https://me.example.org', 'the-secret-of-another-site'.padEnd(32, '.'))).writeSession(guest)
    sendBack()
    expect(await (await startHost('https://me.example.org')).requireUser()).toEqual(nobody)
  })

  test('is nobody by a value that was sealed for something else, or bears no identity', async () => {
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
    ['from a name that only begins alike', 'https://me.example.org.evil.example'],
  ])('%s is refused before the session is looked at', async (_, origin) => {
    const host = await startHost('https://me.example.org')
    await host.writeSession(guest)
    sendBack()
    if (origin) request.headers.set('origin', origin)
    // What a proxy or a client says of the host counts for nothing.
    request.headers.set('host', 'evil.example')
    request.headers.set('x-forwarded-host', 'evil.example')
    expect(await host.requireOwnOrigin()).toEqual({ ok: false, code: 'forbidden_origin' })
    expect(await host.requireWriter()).toEqual({ ok: false, code: 'forbidden_origin' })
  })

  test('from the site’s own pages is let in, signed in only', async () => {
    const host = await startHost('https://me.example.org')
    request.headers.set('origin', 'https://me.example.org')
    expect(await host.requireWriter()).toEqual({ ok: false, code: 'unauthorized' })
    await host.writeSession(guest)
    sendBack()
    expect(await host.requireWriter()).toEqual({ ok: true, value: userOf(guest) })
  })
})

describe('S31: a writing request by who was signed in with an older secret', () => {
  const write = async (sessionSecrets: string) => {
    const host = await startHost('https://me.example.org', sessionSecrets)
    request.headers.set('origin', 'https://me.example.org')
    return host.requireWriter()
  }

  test('seals the session anew, so that it outlives that secret; once, and not a reading one', async () => {
    const [newest, older] = secrets as [string, string]
    const host = await startHost('https://me.example.org', older)
    await host.writeSession(guest)
    sendBack()
    expect(await (await startHost('https://me.example.org')).requireUser()).toEqual({ ok: true, value: userOf(guest) })
    expect(request.answers).toHaveLength(1)
    expect(await write(`${newest},${older}`)).toEqual({ ok: true, value: userOf(guest) })
    expect(request.answers).toHaveLength(2)
    expect(request.answers[1]?.options).toEqual(request.answers[0]?.options)
    sendBack()
    expect(await write(newest)).toEqual({ ok: true, value: userOf(guest) })
    expect(request.answers).toHaveLength(2)
  })

  test('leaves a session that does not open alone: another host may open it', async () => {
    const [newest, older] = secrets as [string, string]
    await (await startHost('https://me.example.org', newest)).writeSession(guest)
    sendBack()
    expect(await write(older)).toEqual({ ok: false, code: 'unauthorized' })
    expect(request.answers).toHaveLength(1)
  })
})

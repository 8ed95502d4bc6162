import { EncryptJWT } from 'jose'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'

const [older, newer] = ['older-secret'.padEnd(32, '.'), 'newer-secret'.padEnd(32, '.')]

/** Starts a host with these secrets, newest first. */
async function startHost(...secrets: string[]) {
  vi.stubEnv('SESSION_SECRETS', secrets.join(','))
  vi.resetModules()
  return import('./seal')
}

beforeEach(() => {
  vi.stubEnv('APP_ORIGIN', 'http://localhost:3000')
  vi.stubEnv('AWS_REGION', 'eu-central-1')
  vi.stubEnv('S3_BUCKET', 'pictures')
  vi.stubEnv('AUTH_MODE', 'guest')
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllEnvs()
})

const headerOf = (sealed: string): Record<string, string> =>
  JSON.parse(Buffer.from(sealed.split('.')[0] ?? '', 'base64url').toString())

test('opens on another host, and hides its content on the way', async () => {
  const sealed = await (await startHost(newer)).seal('session', { sub: 'a-subject' }, 60)
  expect(Buffer.from(sealed, 'base64url').toString('latin1')).not.toContain('a-subject')
  expect(
    sealed
      .split('.')
      .map((part) => Buffer.from(part, 'base64url').toString())
      .join(),
  ).not.toContain('a-subject')
  expect(await (await startHost(newer)).unseal('session', sealed)).toMatchObject({ sub: 'a-subject' })
})

describe('S11: a sealed value', () => {
  test('opens for its own audience only', async () => {
    const { seal, unseal } = await startHost(newer)
    const sealed = await seal('session', { sub: 'a' }, 60)
    expect(await unseal('oidc-state', sealed)).toBeNull()
    expect(await unseal('', sealed)).toBeNull()
    expect(await unseal('session', sealed)).not.toBeNull()
  })

  test('does not open with any single bit flipped', async () => {
    const { seal, unseal } = await startHost(newer)
    const sealed = await seal('session', { sub: 'a' }, 60)
    const parts = sealed.split('.')
    for (const [index, part] of parts.entries()) {
      const bytes = Buffer.from(part, 'base64url')
      for (let bit = 0; bit < bytes.length * 8; bit += 1) {
        const flipped = Buffer.from(bytes)
        flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7))
        const forged = parts.with(index, flipped.toString('base64url')).join('.')
        expect(await unseal('session', forged), `bit ${bit} of part ${index}`).toBeNull()
      }
    }
  })

  test('does not open after it expired, with a minute of clock tolerance', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    const { seal, unseal } = await startHost(newer)
    const sealed = await seal('session', { sub: 'a' }, 60)
    vi.setSystemTime(Date.now() + 110_000)
    expect(await unseal('session', sealed)).not.toBeNull()
    vi.setSystemTime(Date.now() + 20_000)
    expect(await unseal('session', sealed)).toBeNull()
  })

  test.each(['', 'garbage', 'a.b.c.d.e', '....', 'eyJhbGciOiJub25lIn0.e30.', '💥'])(
    'does not open from "%s"',
    async (text) => {
      const { unseal } = await startHost(newer)
      expect(await unseal('session', text)).toBeNull()
    },
  )

  // Anyone can write this header, because their own cookie contains the key id.
  test.each([
    { alg: 'RSA-OAEP' },
    { alg: 'ECDH-ES' },
    { alg: 'A256KW' },
    { alg: 'PBES2-HS256+A128KW', p2s: 'AAAAAAAAAAA', p2c: 1000 },
    { enc: 'A128GCM' },
    { enc: 'A256CBC-HS512' },
    { zip: 'DEF' },
    { crit: ['exp'] },
    { kid: 7 },
    { kid: undefined },
  ])('does not open with the header claim %o, and does not throw', async (claim) => {
    const { seal, unseal } = await startHost(newer)
    const sealed = await seal('session', { sub: 'a' }, 60)
    const header = Buffer.from(JSON.stringify({ ...headerOf(sealed), ...claim })).toString('base64url')
    const parts = sealed.split('.').with(0, header)
    expect(await unseal('session', parts.join('.'))).toBeNull()
    expect(await unseal('session', parts.with(1, 'AAAA').join('.'))).toBeNull()
  })

  test('does not open if its maker knows only the key id', async () => {
    const { seal, unseal } = await startHost(newer)
    const { kid } = headerOf(await seal('session', {}, 60))
    const forged = await new EncryptJWT({ sub: 'admin' })
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid: kid as string })
      .setAudience('session')
      .setExpirationTime('1h')
      .encrypt(new Uint8Array(32))
    expect(await unseal('session', forged)).toBeNull()
  })
})

describe('S31: two secrets', () => {
  test('open what the older one sealed', async () => {
    const sealed = await (await startHost(older)).seal('session', { sub: 'a' }, 60)
    expect(await (await startHost(newer, older)).unseal('session', sealed)).toMatchObject({ sub: 'a' })
    expect(await (await startHost(newer)).unseal('session', sealed)).toBeNull()
  })

  test('seal with the newest one', async () => {
    const sealed = await (await startHost(newer, older)).seal('session', { sub: 'a' }, 60)
    expect(await (await startHost(newer)).unseal('session', sealed)).toMatchObject({ sub: 'a' })
    expect(await (await startHost(older)).unseal('session', sealed)).toBeNull()
  })

  test('are not revealed by the key id in the cookie', async () => {
    const sealed = await (await startHost(newer)).seal('session', {}, 60)
    expect(headerOf(sealed).kid).toMatch(/^[0-9a-f]{8}$/)
  })
})

import { afterEach, beforeEach, expect, test, vi } from 'vitest'

beforeEach(() => {
  const variables = { APP_ORIGIN: 'https://me.example.org', AWS_REGION: 'eu-central-1', S3_BUCKET: 'pictures' }
  const session = { AUTH_MODE: 'guest', ALLOW_PUBLIC_GUESTS: 'true', SESSION_SECRETS: 's'.repeat(32) }
  for (const [name, value] of Object.entries({ ...variables, ...session })) vi.stubEnv(name, value)
})
afterEach(() => vi.unstubAllEnvs())

const read = async (wanted: string | null | undefined) => (await import('./return-path')).returnPath(wanted)

test.each([
  '/',
  '/gallery',
  '/crop/abc?rotate=90&area=1,2',
  '/gallery?collection=covers',
  '/sign-in',
  `/${'a'.repeat(900)}`,
])('a sign-in leads back to %s', async (path) => expect(await read(path)).toBe(path))

test.each([
  '//evil.example',
  '///evil.example',
  '/\\evil.example',
  '/\t/evil.example',
  '/\n/evil.example',
  '\t//evil.example',
  'https://evil.example',
  'https:evil.example',
  'javascript:alert(1)',
  'gallery',
  '',
  '/.//evil.example',
  '/x/..//evil.example',
  '/%2e//evil.example',
  '/sign-in/start?to=/',
  '/sign-in/callback?code=1',
  '/api/session',
  `/${'a'.repeat(1_000)}`,
  // Longer in an address, and in JSON.
  `/${'ü'.repeat(200)}`,
  `/?${'\\'.repeat(600)}`,
  null,
  undefined,
])('S28: a sign-in leads to / instead of %j', async (path) => expect(await read(path)).toBe('/'))

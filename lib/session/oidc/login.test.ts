import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { findLogin, forgetLogin, keepLogin } from './login'

/** The cookies of a browser. */
const jar = vi.hoisted(() => new Map<string, string>())

vi.mock('next/headers', () => ({
  cookies: async () => ({
    get: (name: string) => (jar.has(name) ? { name, value: jar.get(name) } : undefined),
    getAll: () => [...jar].map(([name, value]) => ({ name, value })),
    set: (name: string, value: string, { maxAge }: { maxAge: number }) =>
      maxAge === 0 ? jar.delete(name) : jar.set(name, value),
  }),
}))

beforeEach(() => {
  vi.stubEnv('APP_ORIGIN', 'http://localhost:3000')
  vi.stubEnv('SESSION_SECRETS', 's'.repeat(32))
  vi.stubEnv('AWS_REGION', 'eu-central-1')
  vi.stubEnv('S3_BUCKET', 'pictures')
  vi.stubEnv('AUTH_MODE', 'guest')
  vi.useFakeTimers({ toFake: ['Date'] })
  jar.clear()
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllEnvs()
})

const loginOf = (state: string) => ({ state, nonce: 'n', verifier: 'v', to: '/gallery' })
const passMinutes = (minutes: number) => vi.setSystemTime(Date.now() + minutes * 60_000)

test('S28: a login is found by its state, for a quarter of an hour', async () => {
  await keepLogin(loginOf('the-state-of-a-login'))
  passMinutes(14)
  expect(await findLogin('the-state-of-a-login')).toMatchObject(loginOf('the-state-of-a-login'))
  // The same cookie, but another login.
  expect(await findLogin('the-stateless')).toBeNull()
  expect(await findLogin('')).toBeNull()
  // The seal has a minute of clock tolerance.
  passMinutes(3)
  expect(await findLogin('the-state-of-a-login')).toBeNull()
})

test('S28: a login counts once', async () => {
  await keepLogin(loginOf('the-state-of-a-login'))
  await forgetLogin('the-state-of-a-login')
  expect(await findLogin('the-state-of-a-login')).toBeNull()
  expect(jar.size).toBe(0)
})

test('five tabs can sign in at once; a sixth login replaces the oldest', async () => {
  const states = ['a', 'b', 'c', 'd', 'e', 'f'].map((letter) => letter.repeat(20))
  for (const state of states) {
    await keepLogin(loginOf(state))
    passMinutes(1)
  }
  const found = await Promise.all(states.map((state) => findLogin(state)))
  expect(found.map((login) => login?.state)).toEqual([undefined, ...states.slice(1)])
})

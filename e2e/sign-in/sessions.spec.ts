import { setTimeout as sleep } from 'node:timers/promises'
import { chooseAccount } from '@/e2e/person'
import { expect } from '@/e2e/test'
import { ApiClient } from '@/tools/testing/api-client'
import { signInWithOidc } from '@/tools/testing/sign-in'
import { test } from './site'

test('S28: a sign-in may start on one host and end on any other', async ({ stack }) => {
  // Hosts that have just started must know the store's time too, although no route has asked the store for anything yet.
  for (const { name } of stack.hosts) await stack.restartHost(name)
  const origins = stack.hosts.map(({ origin }) => origin)
  const ids = new Set<string | null>()
  for (const start of origins) {
    // First from the host whose clock is behind to the one that is ahead.
    for (const end of origins.toReversed()) {
      const person = await signInWithOidc(stack, 'ada', { start, end })
      for (const host of origins) ids.add(await person.at(host).whoAmI())
    }
  }
  expect([ids.size, ids.has(null)]).toEqual([1, false])
})

test('U97: a sign-in ends well although the host where it started is killed', async ({ page, stack }) => {
  const started = page.waitForResponse((response) => new URL(response.url()).pathname === '/sign-in/start')
  await page.goto('/gallery')
  await expect(page.getByRole('heading', { name: 'Who are you?' })).toBeVisible()
  const host = (await started).headers()['x-served-by'] as string
  await stack.killHost(host)
  await chooseAccount(page, 'Ada Lovelace')
  await page.waitForURL('**/gallery')
  await expect(page.getByRole('button', { name: 'Account menu' })).toBeVisible()
  await stack.restartHost(host)
})

test('S32: signing out everywhere ends all sessions on all hosts within 30 seconds', async ({ page, stack }) => {
  const origins = stack.hosts.map(({ origin }) => origin)
  await page.goto('/gallery')
  await chooseAccount(page, 'Ada Lovelace')
  await page.waitForURL('**/gallery')
  const other = await signInWithOidc(stack, 'grace')
  const people = [await signInWithOidc(stack, 'ada'), await signInWithOidc(stack, 'ada')] as const
  for (const host of origins) for (const person of people) expect(await person.at(host).whoAmI()).not.toBeNull()

  const [first, second] = origins as [string, string]
  expect((await people[0].at(first).send('DELETE', '/api/sessions')).status).toBe(204)
  expect(await people[1].at(first).whoAmI()).toBeNull()
  // The next session is valid at once, also on hosts that do not know of the sign-out yet.
  const next = await signInWithOidc(stack, 'ada', { end: second })
  for (const host of origins) expect(await next.at(host).whoAmI()).not.toBeNull()

  await sleep(30_000)
  for (const host of origins) for (const person of people) expect(await person.at(host).whoAmI()).toBeNull()
  for (const host of origins) expect(await other.at(host).whoAmI()).not.toBeNull()
  expect((await page.request.get('/api/session')).status()).toBe(401)
})

test('S9: a changed session, and a guest of the same secrets, are no one', async ({ newClient, stack }) => {
  const person = await signInWithOidc(stack, 'ada')
  const session = person.cookie.split('; ').find((pair) => pair.startsWith('account=')) as string
  const at = session.length - 10
  const changed = session.slice(0, at) + (session[at] === 'A' ? 'B' : 'A') + session.slice(at + 1)
  expect(await newClient(session).whoAmI()).not.toBeNull()
  expect(await newClient(changed).whoAmI()).toBeNull()

  const [{ name, origin }] = stack.hosts as [(typeof stack.hosts)[number]]
  expect((await newClient().send('POST', '/api/session/guest')).status).toBe(404)
  stack.set(name, { AUTH_MODE: 'guest' })
  await stack.restartHost(name)
  const guest = await ApiClient.signIn(stack, origin)
  expect(await guest.at(origin).whoAmI()).not.toBeNull()
  for (const host of stack.hosts.slice(1)) expect(await guest.at(host.origin).whoAmI()).toBeNull()
  stack.set(name, {})
  await stack.restartHost(name)
})

test('U91: signing out by the API answers the address that signs out at the provider', async ({ provider, stack }) => {
  const person = await signInWithOidc(stack, 'ada')
  expect(person.cookie).toMatch(/account=.*id-token=/)
  const answer = await person.call<{ next: string }>(200, 'DELETE', '/api/session')
  expect(new URL(answer.next).origin).toBe(provider.issuer)
  expect(person.cookie).not.toMatch(/account|id-token/)
})

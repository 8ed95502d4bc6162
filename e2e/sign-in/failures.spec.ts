import { chooseAccount } from '@/e2e/person'
import { expect } from '@/e2e/test'
import type { ApiClient } from '@/tools/testing/api-client'
import { chooseAtProvider, finishSignIn, startSignIn } from '@/tools/testing/sign-in'
import { test } from './site'

/** Expects that a sign-in ended on the page of a problem, with a way on, and signed no one in. */
async function expectProblem(client: ApiClient, address: string, problem: string): Promise<void> {
  const { pathname, search, searchParams } = new URL(address)
  expect([pathname, searchParams.get('problem')]).toEqual(['/sign-in', problem])
  const page = await client.send('GET', pathname + search)
  expect(page.status).toBe(200)
  expect(page.body.toString()).toContain(`data-problem="${problem}"`)
  expect(page.body.toString()).toContain('href="/sign-in/start?')
  expect(await client.whoAmI()).toBeNull()
}

/** Changes a parameter of an address. */
function withParam(address: URL | string, name: string, value: string | null): URL {
  const changed = new URL(address)
  if (value === null) changed.searchParams.delete(name)
  else changed.searchParams.set(name, value)
  return changed
}

const changedCallbacks: [what: string, change: (callback: URL) => URL, problem: string][] = [
  ['another state', (callback) => withParam(callback, 'state', 'x'.repeat(43)), 'expired'],
  ['no state', (callback) => withParam(callback, 'state', null), 'expired'],
  ['no parameters', (callback) => new URL(callback.pathname, callback), 'expired'],
  ['another code', (callback) => withParam(callback, 'code', 'x'.repeat(43)), 'failed'],
  ['no code', (callback) => withParam(callback, 'code', null), 'failed'],
  ['the issuer of another provider', (callback) => withParam(callback, 'iss', 'https://evil.example'), 'failed'],
  ['an error of the provider', (callback) => withParam(callback, 'error', 'server_error'), 'provider'],
]

for (const [what, change, problem] of changedCallbacks) {
  test(`S28: a callback with ${what} signs no one in`, async ({ newClient }) => {
    const client = newClient()
    const callback = await chooseAtProvider(await startSignIn(client), 'ada')
    await expectProblem(client, await finishSignIn(client, change(callback)), problem)
  })
}

for (const [what, param] of [
  ['nonce', 'nonce'],
  ['PKCE challenge', 'code_challenge'],
] as const) {
  test(`S28: a sign-in with another ${what} signs no one in`, async ({ newClient }) => {
    const client = newClient()
    const address = withParam(await startSignIn(client), param, 'x'.repeat(43)).href
    await expectProblem(client, await finishSignIn(client, await chooseAtProvider(address, 'ada')), 'failed')
  })
}

test('S28: a callback of another browser signs no one in', async ({ newClient }) => {
  const [victim, attacker] = [newClient(), newClient()]
  await startSignIn(victim)
  const callback = await chooseAtProvider(await startSignIn(attacker), 'ada')
  await expectProblem(victim, await finishSignIn(victim, callback), 'expired')
})

test('S28: a changed cookie of a sign-in signs no one in', async ({ newClient }) => {
  const client = newClient()
  const callback = await chooseAtProvider(await startSignIn(client), 'ada')
  const changed = newClient(changeLetter(client.cookie))
  await expectProblem(changed, await finishSignIn(changed, callback), 'expired')
})

test('S28: a callback counts once', async ({ newClient, stack }) => {
  const client = newClient()
  const callback = await chooseAtProvider(await startSignIn(client), 'ada')
  const { cookie } = client
  expect(await finishSignIn(client, callback)).toBe(`${stack.origin}/gallery`)
  // As after Back: the session goes on.
  const again = new URL(await finishSignIn(client, callback))
  expect(again.searchParams.get('problem')).toBe('expired')
  expect((await client.send('GET', again.pathname + again.search)).headers.location).toBe('/')
  // As an attacker who has copied address and cookies.
  const copy = newClient(cookie)
  await expectProblem(copy, await finishSignIn(copy, callback), 'failed')
})

test('S28: an unverified address of the domain signs no one in', async ({ newClient }) => {
  const client = newClient()
  const callback = await chooseAtProvider(await startSignIn(client), 'charles')
  await expectProblem(client, await finishSignIn(client, callback), 'not_verified')
})

for (const to of ['//evil.example', '/\\evil.example', 'https://evil.example/', '/%0d/../..//evil.example', '/api/x']) {
  test(`S28: ?to=${to} leads to the first page`, async ({ newClient, stack }) => {
    const client = newClient()
    const callback = await chooseAtProvider(await startSignIn(client, to), 'ada')
    expect(await finishSignIn(client, callback)).toBe(`${stack.origin}/`)
  })
}

test('S28, U94: a provider that does not answer leads to a page that tries again', async ({
  newClient,
  page,
  provider,
  stack,
}) => {
  const client = newClient()
  const callback = await chooseAtProvider(await startSignIn(client), 'ada')
  await provider.close()
  await expectProblem(client, await finishSignIn(client, callback), 'provider')

  // A host that has just started does not know the provider yet. Pages are served anyway.
  for (const { name } of stack.hosts) await stack.restartHost(name)
  await page.goto('/gallery')
  await expect(page.getByRole('heading', { name: 'The sign-in does not work right now' })).toBeVisible()
  await provider.open()
  await page.getByRole('link', { name: 'Try again' }).click()
  await chooseAccount(page, 'Ada Lovelace')
  await page.waitForURL('**/gallery')
})

/** Changes one letter of a cookie's value. */
function changeLetter(cookie: string): string {
  const at = cookie.length - 10
  return cookie.slice(0, at) + (cookie[at] === 'A' ? 'B' : 'A') + cookie.slice(at + 1)
}

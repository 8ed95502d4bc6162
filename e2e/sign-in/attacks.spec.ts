import { expect } from '@/e2e/test'
import { chooseAtProvider, finishSignIn, signInWithOidc, startSignIn } from '@/tools/testing/sign-in'
import { test } from './site'

/** Returns the value of a cookie whose name begins so. */
function cookieValue(cookies: string, name: string): string {
  const pair = cookies.split('; ').find((text) => text.startsWith(name)) as string
  return pair.slice(pair.indexOf('=') + 1)
}

test('S28: the callback of an attacker does not change the session of a victim', async ({ newClient, stack }) => {
  const victim = await signInWithOidc(stack, 'grace')
  const before = [victim.cookie, await victim.whoAmI()]
  const callback = await chooseAtProvider(await startSignIn(newClient()), 'ada')
  expect(new URL(await finishSignIn(victim, callback)).searchParams.get('problem')).toBe('expired')
  expect([victim.cookie, await victim.whoAmI()]).toEqual(before)
})

test('S28: the code of one sign-in does not finish another of the same browser', async ({ newClient }) => {
  const client = newClient()
  const [first, second] = [await startSignIn(client), await startSignIn(client)]
  const mixed = await chooseAtProvider(first, 'ada')
  mixed.searchParams.set('code', (await chooseAtProvider(second, 'grace')).searchParams.get('code') as string)
  expect(new URL(await finishSignIn(client, mixed)).searchParams.get('problem')).toBe('failed')
  expect(await client.whoAmI()).toBeNull()
})

test('S28: a sign-in replaces the session that the browser had before', async ({ newClient, stack }) => {
  const planted = (await signInWithOidc(stack, 'grace')).cookie
  const client = newClient(planted)
  await finishSignIn(client, await chooseAtProvider(await startSignIn(client), 'ada'))
  expect(await client.whoAmI()).toBe(await (await signInWithOidc(stack, 'ada')).whoAmI())
  expect(cookieValue(client.cookie, 'account')).not.toBe(cookieValue(planted, 'account'))
})

test('S11: the cookies of a sign-in and of its ID token are no session', async ({ newClient, stack }) => {
  const started = newClient()
  await startSignIn(started)
  const { cookie } = await signInWithOidc(stack, 'ada')
  for (const value of [cookieValue(started.cookie, 'sign-in-'), cookieValue(cookie, 'id-token')])
    for (const name of ['account', 'session']) expect(await newClient(`${name}=${value}`).whoAmI()).toBeNull()
  expect(await newClient(`account=${cookieValue(cookie, 'account')}`).whoAmI()).not.toBeNull()
})

test('S28: sign-ins for long addresses leave room for other cookies', async ({ newClient }) => {
  const client = newClient()
  // Every other address is longer than a login keeps.
  for (let count = 0; count < 8; count += 1)
    await startSignIn(client, `/gallery?${'\\'.repeat(count % 2 ? 1_200 : 300)}${count}${'é'.repeat(60)}`)
  const sizes = client.cookie.split('; ').map(({ length }) => length)
  expect(sizes).toHaveLength(5)
  // Browsers keep 4,096 bytes of a cookie, and hosts accept 16 KiB of headers.
  expect(Math.max(...sizes)).toBeLessThan(2_500)
  expect(client.cookie.length).toBeLessThan(11_000)
  expect(await client.whoAmI()).toBeNull()
})

for (const [what, path] of [
  ['a line break in the address', '/sign-in/start?to=/a%0d%0aset-cookie:%20x=1'],
  ['a null byte in the address', '/sign-in/start?to=/%00'],
  ['an address twice', '/sign-in/start?to=/a&to=//evil.example'],
  ['a long address', `/sign-in/start?to=/${'a'.repeat(7_000)}`],
  ['a long state', `/sign-in/callback?code=a&state=${'a'.repeat(7_000)}`],
  ['a state twice', '/sign-in/callback?code=a&state=a&state=b'],
  ['a state with the letters of cookies', '/sign-in/callback?code=a&state=%0d%0a;=,%22%00'],
  ['a markup as the error', '/sign-in/callback?error=%3Cscript%3E&error_description=%3Cscript%3E&state=a'],
] as const) {
  test(`S28: a sign-in with ${what} neither fails with a 500 nor leaves the site`, async ({
    newClient,
    provider,
    stack,
  }) => {
    const { status, headers } = await newClient().send('GET', path)
    expect(status).toBe(303)
    expect([stack.origin, provider.issuer]).toContain(new URL(headers.location as string).origin)
    for (const cookie of headers['set-cookie'] ?? []) expect(cookie).toMatch(/^sign-in-[\w-]{8}=[\w.-]+; /)
    expect(headers.location).not.toContain('script')
  })
}

test('S39: a sign-in with too many cookies gets a page that says so', async ({ newClient }) => {
  const many = newClient(`account=${'a'.repeat(20_000)}`)
  expect((await many.send('GET', '/sign-in/callback?code=a&state=b')).status).toBe(431)
  const odd = newClient(`account=${'a'.repeat(4_000)}; sign-in-=x; sign-in-aaaaaaaa=x; locale=%`)
  expect((await odd.send('GET', '/sign-in/callback?code=a&state=aaaaaaaa')).status).toBe(303)
})

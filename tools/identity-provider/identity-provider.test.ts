import * as oidc from 'openid-client'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ApiClient } from '@/tools/testing/api-client'
import { findFreePorts } from '@/tools/testing/ports'
import { chooseAtProvider } from '@/tools/testing/sign-in'
import { client, type IdentityProvider, startIdentityProvider } from './identity-provider'

const appOrigin = 'http://localhost:3000'
let provider: IdentityProvider
let config: oidc.Configuration

beforeEach(async () => {
  const [port = 0] = await findFreePorts(1, [])
  provider = await startIdentityProvider({ port, appOrigin })
  config = await oidc.discovery(new URL(provider.issuer), client.id, client.secret, undefined, {
    execute: [oidc.allowInsecureRequests, oidc.enableNonRepudiationChecks],
  })
})

afterEach(() => provider.close())

/** Starts a sign-in. @returns the address at the provider, and what the callback needs */
async function start(more: Record<string, string> = {}) {
  const [verifier, state, nonce] = [oidc.randomPKCECodeVerifier(), oidc.randomState(), oidc.randomNonce()]
  const address = oidc.buildAuthorizationUrl(config, {
    redirect_uri: `${appOrigin}/sign-in/callback`,
    scope: 'openid profile email',
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state,
    nonce,
    ...more,
  }).href
  return { address, checks: { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce } }
}

async function signIn(person: string) {
  const { address, checks } = await start()
  return oidc.authorizationCodeGrant(config, await chooseAtProvider(address, person), checks)
}

test.each([
  ['ada', { name: 'Ada Lovelace', email: 'ada@example.com', email_verified: true, locale: 'en-GB' }],
  ['grace', { email: 'grace@example.com', locale: 'de-DE', groups: ['staff'] }],
  ['mallory', { email: 'mallory@elsewhere.example', email_verified: true }],
  ['charles', { email: 'charles@example.com', email_verified: false }],
  ['person-12', { email: 'person-12@example.com', email_verified: true }],
])('signs %s in with the code flow and PKCE', async (person, claims) => {
  const tokens = await signIn(person)
  expect(tokens.claims()).toMatchObject({ iss: provider.issuer, sub: person, aud: client.id })
  expect(await oidc.fetchUserInfo(config, tokens.access_token, person)).toMatchObject({ sub: person, ...claims })
})

test('offers the three people and Cancel', async () => {
  const { address } = await start()
  const browser = ApiClient.create({ origin: provider.issuer })
  const { headers } = await browser.send('GET', address)
  const page = await browser.send('GET', headers.location as string)
  const values = [...page.body.toString().matchAll(/<button name="person" value="(.*?)"/g)].map(([, value]) => value)
  expect(values).toEqual(['ada', 'grace', 'mallory', ''])
})

test('answers access_denied after Cancel', async () => {
  const { address, checks } = await start()
  const back = await chooseAtProvider(address, '')
  await expect(oidc.authorizationCodeGrant(config, back, checks)).rejects.toMatchObject({ error: 'access_denied' })
})

test('rejects a request without PKCE, and a second use of a code', async () => {
  const { address } = await start({ code_challenge: '', code_challenge_method: '' })
  expect((await fetch(address, { redirect: 'manual' })).headers.get('location')).toContain('error=invalid_request')

  const second = await start()
  const back = await chooseAtProvider(second.address, 'ada')
  await oidc.authorizationCodeGrant(config, back, second.checks)
  await expect(oidc.authorizationCodeGrant(config, back, second.checks)).rejects.toMatchObject({
    error: 'invalid_grant',
  })
})

test('signs out, and returns to the site', async () => {
  const tokens = await signIn('ada')
  const { pathname, search } = oidc.buildEndSessionUrl(config, {
    post_logout_redirect_uri: `${appOrigin}/`,
    id_token_hint: tokens.id_token as string,
  })
  const browser = ApiClient.create({ origin: provider.issuer })
  const page = await browser.send('GET', pathname + search)
  const [, secret] = /name="xsrf" value="(\w+)"/.exec(page.body.toString()) ?? []
  const answer = await fetch(`${provider.issuer}/session/end/confirm`, {
    method: 'POST',
    headers: { cookie: browser.cookie },
    body: new URLSearchParams({ xsrf: secret as string, logout: 'yes' }),
    redirect: 'manual',
  })
  expect(answer.headers.get('location')).toBe(`${appOrigin}/`)
})

test('keeps its keys while it is down', async () => {
  await provider.close()
  await expect(signIn('ada')).rejects.toThrow()
  await provider.open()
  expect((await signIn('ada')).claims()).toMatchObject({ sub: 'ada' })
})

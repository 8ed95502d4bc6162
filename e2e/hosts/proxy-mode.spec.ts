import type { Page } from 'playwright/test'
import { alertSaying, apply, cards, save, upload } from '@/e2e/person'
import { portrait, portraitArea } from '@/e2e/photos'
import { expect, expectOnly } from '@/e2e/test'
import { ApiClient } from '@/tools/testing/api-client'
import { skipWithoutApache, test } from './behind-apache'

// S29: people sign in at an OpenID Connect provider through Apache; hosts see signed ID tokens.

skipWithoutApache()

/** Opens a page of the site, and signs in at the provider on the way. */
async function signInAs(page: Page, name: string, path: string): Promise<void> {
  await page.goto(path)
  await answerProvider(page, name)
  await page.waitForURL((url) => url.pathname === path)
}

async function answerProvider(page: Page, name: string): Promise<void> {
  await page.getByLabel('Name').fill(name)
  await page.getByRole('button', { name: 'Sign in' }).click()
}

test('S29: a person signs in through Apache and saves a photo while hosts die', async ({ page, stack }) => {
  const [first, second, third] = stack.hosts.map(({ name }) => name) as [string, string, string]
  await signInAs(page, 'Ada', '/upload')
  await stack.killHost(first)
  await upload(page, await portrait())
  await stack.restartHost(first)
  await stack.killHost(second)
  await apply(page)
  await stack.restartHost(second)
  await stack.killHost(third)
  await save(page)

  await expect(cards(page)).toHaveCount(1)
  await page.getByRole('button', { name: 'Account menu' }).click()
  await expect(page.getByText('Ada', { exact: true })).toBeVisible()
  await stack.restartHost(third)
  const session = await page.request.get('/api/session')
  expect(await session.json()).toMatchObject({ authMode: 'proxy', user: { name: 'Ada' } })
})

test('S29: forged tokens and plain headers are no one at Apache, balancer and hosts', async ({ stack }) => {
  const { issuer, origin, balancer, hosts } = stack
  const valid = await issuer.sign('Ada')
  const [head, , signature] = valid.split('.')
  const root = Buffer.from(JSON.stringify({ iss: issuer.url, aud: 'anyhost', sub: 'root', exp: 4e9 })).toString(
    'base64url',
  )
  const past = Math.floor(Date.now() / 1000) - 3600
  const forged: Record<string, string>[] = [
    {},
    { OIDC_id_token: `${head}.${root}.${signature}` },
    { OIDC_id_token: `${Buffer.from('{"alg":"none"}').toString('base64url')}.${root}.` },
    { OIDC_id_token: await issuer.sign('Ada', { exp: past }) },
    { OIDC_id_token: await issuer.sign('Ada', { aud: 'wiki' }) },
    { OIDC_id_token: await issuer.sign('Ada', { iss: 'https://evil.example' }) },
    { OIDC_id_token: 'Ada' },
    // The header of another proxy, and plain ones.
    { 'x-amzn-oidc-data': valid },
    { 'x-forwarded-user': 'Ada', 'x-forwarded-email': 'ada@example.org', remote_user: 'Ada', OIDC_CLAIM_sub: 'Ada' },
  ]
  const client = ApiClient.create({ origin })
  for (const address of [origin, balancer, ...hosts.map((host) => host.origin)]) {
    for (const headers of forged) {
      const read = await client.at(address).send('GET', '/api/session', undefined, { ...api, ...headers })
      expect(read.status, `${address} ${Object.keys(headers)}`).toBe(401)
      const upload = { collection: 'avatars', contentType: 'image/jpeg', size: 1000 }
      const write = await client.at(address).send('POST', '/api/uploads', upload, { ...api, ...headers })
      expect(write.status, `${address} ${Object.keys(headers)}`).toBe(401)
    }
  }
  // Apache removes the header of a client even if its token is valid, so that no one can act by a token of others.
  const throughApache = await client.send('GET', '/api/session', undefined, { ...api, OIDC_id_token: valid })
  expect(throughApache.status).toBe(401)
})

/** As the pages fetch. For anything else Apache redirects to the provider. */
const api = { 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' }

test('S29: an API client sends the token as Bearer, through Apache and to each host', async ({ stack }) => {
  const { issuer, origin, hosts } = stack
  const authorization = `Bearer ${await issuer.sign('robot')}`
  const robot = ApiClient.create({ origin, headers: { authorization } })
  const ids = await Promise.all([origin, ...hosts.map((host) => host.origin)].map((at) => robot.at(at).whoAmI()))
  expect(ids[0]).not.toBeNull()
  expect(new Set(ids).size).toBe(1)
  const uploadId = await robot.upload(await portrait())
  const saved = await robot.save(await robot.crop({ uploadId, area: portraitArea() }))
  expect((await robot.gallery()).map(({ imageId }) => imageId)).toEqual([saved.imageId])

  const stranger = ApiClient.create({ origin, headers: { authorization: `Bearer ${await issuer.sign('stranger')}` } })
  expect((await stranger.send('GET', `/api/images/${saved.imageId}`)).status).toBe(404)
  const elsewhere = await robot.send('DELETE', `/api/images/${saved.imageId}`, undefined, {
    origin: 'https://evil.example',
  })
  expect(elsewhere.status).toBe(403)
})

test('S29: two people at one browser have their own photos', async ({ page, context }) => {
  async function changePerson(name: string): Promise<void> {
    // The page may still load something, which the console would report as 401.
    await page.goto('about:blank')
    await context.clearCookies()
    await signInAs(page, name, '/gallery')
  }
  await signInAs(page, 'Grace', '/upload')
  await upload(page, await portrait())
  await apply(page)
  await save(page)
  await expect(cards(page)).toHaveCount(1)
  await changePerson('Linus')
  await expect(cards(page)).toHaveCount(0)
  await changePerson('Grace')
  await expect(cards(page)).toHaveCount(1)
})

test('S29: without Apache, pages say that the person is not signed in', async ({ page, stack }) => {
  for (const path of ['/', '/gallery', '/upload']) {
    await page.goto(stack.balancer + path)
    await expect(page.getByRole('heading', { name: 'You are not signed in' })).toBeVisible()
  }
})

test('S29: signing out ends the session of Apache', async ({ page }) => {
  await signInAs(page, 'Ada', '/gallery')
  await page.getByRole('button', { name: 'Account menu' }).click()
  await page.getByRole('button', { name: 'Sign out' }).click()
  await expect(page.getByLabel('Name')).toBeVisible()
  expect((await page.request.get('/api/session', { headers: api })).status()).toBe(401)
})

for (const button of ['Preview', 'Save photo']) {
  test(`S29: "${button}" continues after Apache's session has ended`, async ({ page, context, witness }) => {
    await signInAs(page, 'Ada', '/upload')
    await upload(page, await portrait())
    await page.getByRole('button', { name: 'Rotate 90° right' }).click()
    await expect.poll(() => new URL(page.url()).searchParams.get('rotate')).not.toBeNull()
    if (button === 'Save photo') await apply(page)
    await context.clearCookies()
    await page.getByRole('button', { name: button, exact: true }).click()
    const alert = alertSaying(page, 'Your session has ended.')
    await expect(alert).toHaveAttribute('data-code', 'unauthorized')

    const opened = context.waitForEvent('page')
    await alert.getByRole('link', { name: 'Sign in again' }).click()
    const tab = await opened
    await answerProvider(tab, 'Ada')
    await expect(tab.getByRole('heading', { name: 'You are signed in' })).toBeVisible()
    // The tab has announced the sign-in to this page.
    if (button === 'Preview') {
      await expect(page.getByRole('heading', { name: 'How it will look' })).toBeVisible()
      await save(page)
    } else await page.waitForURL(/\/gallery/)
    await expect(cards(page).first()).toContainText('In use')
    expectOnly(witness, '401')
  })
}

test('S29: a redirect of the proxy to its provider counts as signed out', async ({ page, stack }) => {
  await signInAs(page, 'Ada', '/upload')
  await upload(page, await portrait())
  await apply(page)
  const headers = { location: `${stack.issuer.url}/authorize` }
  await page.route('**/api/images', (route) => route.fulfill({ status: 302, headers }), { times: 1 })
  await page.getByRole('button', { name: 'Save photo' }).click()
  await expect(alertSaying(page, 'Your session has ended.')).toHaveAttribute('data-code', 'unauthorized')
  await save(page)
})

test('S35: the logs of hosts contain no token and no e-mail address', async ({ page, stack }) => {
  await signInAs(page, 'Ada', '/gallery')
  await page.getByRole('button', { name: 'Account menu' }).click()
  await expect(page.getByText('ada@example.org')).toBeVisible()
  const forged = { authorization: `Bearer ${await stack.issuer.sign('Ada', { aud: 'wiki' })}` }
  expect((await ApiClient.create({ origin: stack.origin }).send('GET', '/api/images', undefined, forged)).status).toBe(
    401,
  )
  const log = await stack.hostLog()
  expect(log).toContain('"code":"unauthorized"')
  expect(log).not.toMatch(/eyJ[\w-]{20}|@example\.org/)
})

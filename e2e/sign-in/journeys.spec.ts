import type { BrowserContext, Page } from 'playwright/test'
import { alertSaying, apply, cards, chooseAccount, editorReady, save, upload } from '@/e2e/person'
import { portrait } from '@/e2e/photos'
import { expect, expectOnly } from '@/e2e/test'
import { helpUrl, test } from './site'

/** Opens a page that leads to the provider, and signs in there. */
async function openAs(page: Page, name: string, path = '/gallery'): Promise<void> {
  await page.goto(path)
  await chooseAccount(page, name)
}

/** Ends the session at the site, as its end after eight hours does. The session at the provider lasts longer. */
async function endSession(context: BrowserContext): Promise<void> {
  await context.clearCookies({ name: 'account' })
}

test('S27, S28, U90: a page leads to the sign-in, and back to itself', async ({ page, context }) => {
  await openAs(page, 'Ada Lovelace', '/gallery?collection=covers')
  await page.waitForURL('**/gallery?collection=covers')
  await expect(page.getByRole('heading', { name: 'No covers yet' })).toBeVisible()
  await page.getByRole('button', { name: 'Account menu' }).click()
  await expect(page.getByText('Ada Lovelace')).toBeVisible()
  await expect(page.getByText('ada@example.com')).toBeVisible()

  const cookies = await context.cookies()
  expect(cookies.find(({ name }) => name === 'account')).toMatchObject({
    httpOnly: true,
    sameSite: 'Lax',
    path: '/',
    domain: 'localhost',
  })
  expect(cookies.filter(({ name }) => name.startsWith('sign-in-'))).toEqual([])
  expect(await page.evaluate(() => document.cookie)).not.toMatch(/account|id-token|sign-in/)
})

test('U91: signing out ends both sessions, and shows the first page', async ({ page }) => {
  await openAs(page, 'Ada Lovelace')
  await expect(page.getByRole('heading', { name: 'No photos yet' })).toBeVisible()
  await page.getByRole('button', { name: 'Account menu' }).click()
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.waitForURL((url) => url.pathname === '/')
  await expect(page.getByRole('button', { name: 'Account menu' })).toHaveCount(0)
  // The provider asks again, so its session has ended too.
  await page.getByRole('link', { name: 'Sign in' }).click()
  await chooseAccount(page, 'Ada Lovelace')
  await page.waitForURL((url) => url.pathname === '/')
  await expect(page.getByRole('button', { name: 'Account menu' })).toBeVisible()
})

test('U92: the provider chooses the language, until the person does', async ({ page, context }) => {
  const language = page.locator('html')
  await openAs(page, 'Grace Hopper')
  await expect(language).toHaveAttribute('lang', 'de')
  await page.getByRole('button', { name: 'Kontomenü' }).click()
  await page.getByRole('combobox', { name: 'Sprache' }).selectOption('English')
  await expect(language).toHaveAttribute('lang', /^en/)
  // The next sign-in brings the same claim.
  await endSession(context)
  await page.goto('/upload')
  await page.waitForURL('**/upload')
  await expect(page.getByRole('button', { name: 'Account menu' })).toBeVisible()
  await expect(language).toHaveAttribute('lang', /^en/)
})

test('U93: a stranger of another domain sees why and whom to ask', async ({ page, stack }) => {
  await openAs(page, 'Mallory')
  await expect(page.getByRole('heading', { name: 'This account cannot use this site' })).toBeVisible()
  await expect(page.getByRole('link', { name: 'Get help' })).toHaveAttribute('href', helpUrl)
  const headers = { origin: stack.origin }
  expect((await page.request.get('/api/session')).status()).toBe(401)
  const data = { collection: 'avatars', contentType: 'image/jpeg', size: 5 }
  expect((await page.request.post('/api/uploads', { headers, data })).status()).toBe(401)
  // The provider knows the stranger, so it does not ask.
  await page.goto('/upload')
  await expect(page.getByRole('heading', { name: 'This account cannot use this site' })).toBeVisible()

  await page.getByRole('link', { name: 'Use another account' }).click()
  await chooseAccount(page, 'Ada Lovelace')
  await page.waitForURL('**/upload')
  await expect(page.getByLabel('Choose a photo')).toBeAttached()
})

test('U94: cancelling leads to a page that tries again', async ({ page }) => {
  await openAs(page, 'Cancel')
  await expect(page.getByRole('heading', { name: 'You did not sign in' })).toBeVisible()
  await page.getByRole('link', { name: 'Try again' }).click()
  await chooseAccount(page, 'Ada Lovelace')
  await page.waitForURL('**/gallery')
})

test('U95: several tabs sign in at once, each for its own page', async ({ context }) => {
  const paths = ['/gallery', '/upload', '/gallery?collection=covers']
  const tabs = await Promise.all(paths.map(() => context.newPage()))
  for (const [at, tab] of tabs.entries()) await tab.goto(paths[at] as string)
  for (const tab of tabs) await chooseAccount(tab, 'Ada Lovelace')
  for (const [at, tab] of tabs.entries()) {
    await tab.waitForURL(`**${paths[at]}`)
    await expect(tab.getByRole('button', { name: 'Account menu' })).toBeVisible()
  }
})

for (const button of ['Preview', 'Save photo']) {
  test(`U96: a session that ends before "${button}" keeps file and edits`, async ({ page, context, witness }) => {
    await openAs(page, 'Ada Lovelace', '/upload')
    await upload(page, await portrait())
    await page.getByRole('button', { name: 'Rotate 90° right' }).click()
    await expect.poll(() => new URL(page.url()).searchParams.get('rotate')).toBe('90')
    if (button === 'Save photo') await apply(page)
    await endSession(context)

    await page.getByRole('button', { name: button, exact: true }).click()
    const alert = alertSaying(page, 'Sign in again')
    await expect(alert).toHaveAttribute('data-code', 'unauthorized')
    const opened = context.waitForEvent('page')
    await alert.getByRole('link', { name: 'Sign in again' }).click()
    // The provider still knows the person, so the new tab needs no click. It may close itself at once.
    await opened
    // This tab continues by itself.
    if (button === 'Preview') {
      await expect(page.getByRole('heading', { name: 'How it will look' })).toBeVisible()
      expect(new URL(page.url()).searchParams.get('rotate')).toBe('90')
      await save(page)
    } else await page.waitForURL(/\/gallery/)
    await expect(cards(page)).not.toHaveCount(0)
    expectOnly(witness, '401')
  })
}

test('U96: a session that ends before the upload keeps the file', async ({ page, context, witness }) => {
  await openAs(page, 'Ada Lovelace', '/upload')
  await expect(page.getByLabel('Choose a photo')).toBeAttached()
  await endSession(context)
  await page.getByLabel('Choose a photo').setInputFiles(await portrait())
  const opened = context.waitForEvent('page')
  await page.getByRole('link', { name: 'Sign in again' }).click()
  await opened
  await page.waitForURL(/\/crop\/\w/)
  await editorReady(page)
  expectOnly(witness, '401')
})

import type { Page } from 'playwright/test'
import { storeOrigin } from '@/e2e/addresses'
import { alertSaying, begin, editorReady, finish, skipWaits, watchProgress } from '@/e2e/person'
import { portrait } from '@/e2e/photos'
import { expirePolicy, tamperUploads } from '@/e2e/tamper'
import { expect, expectOnly, test } from '@/e2e/test'

const picker = (page: Page) => page.getByLabel(/^Choose a/)
const tryAgain = (page: Page) => page.getByRole('button', { name: 'Try again' })

/** The keys that the page posted to the store: each upload that was issued has one of its own. */
function watchKeys(page: Page): string[] {
  const keys: string[] = []
  page.on('request', (request) => {
    if (request.method() !== 'POST' || !request.url().startsWith(storeOrigin)) return
    keys.push(/name="key"\r\n\r\n([^\r]+)/.exec(request.postDataBuffer()?.toString('latin1') ?? '')?.[1] ?? 'none')
  })
  return keys
}

test('S6: a form with a field that no condition covers is refused by the store, in plain words', async ({
  page,
  witness,
}) => {
  await begin(page)
  const keys = watchKeys(page)
  const stop = await tamperUploads(page, storeOrigin, (form) => form.set('acl', 'public-read'))
  await picker(page).setInputFiles(await portrait())
  const alert = alertSaying(page, 'This upload was rejected.')
  await expect(alert).toContainText('Details: AccessDenied 403')
  await expect(alert).toContainText('Code: not_uploaded')
  expectOnly(witness, '403')
  await stop()
  // The file is still here, and a new policy lets it through.
  await tryAgain(page).click()
  await finish(page)
  expect(new Set(keys).size).toBe(2)
})

test('an upload link that has expired on the way is renewed without a press', async ({ page, witness }) => {
  await begin(page)
  const keys = watchKeys(page)
  let forms = 0
  await tamperUploads(page, storeOrigin, async (form) => {
    forms += 1
    if (forms === 1) await expirePolicy(form)
  })
  await picker(page).setInputFiles(await portrait())
  await page.waitForURL(/\/crop\//)
  await finish(page)
  expect(new Set(keys).size).toBe(2)
  expectOnly(witness, '403')
})

test('U27: upload links that are always expired, as by a wrong clock, are said to be that after five of them', async ({
  page,
  witness,
}) => {
  await begin(page)
  const keys = watchKeys(page)
  const stop = await tamperUploads(page, storeOrigin, expirePolicy)
  await picker(page).setInputFiles(await portrait())
  const alert = alertSaying(page, 'The upload link has expired. Try again.')
  await expect(alert).toContainText('Details: AccessDenied 403')
  await expect(tryAgain(page)).toBeFocused()
  expect(new Set(keys).size).toBe(5)
  expectOnly(witness, '403')
  await stop()
  await tryAgain(page).click()
  await finish(page)
})

test('U4: a busy store is asked again by itself, with the same link, and it says so', async ({ page, witness }) => {
  await begin(page)
  const keys = watchKeys(page)
  const said = await watchProgress(page)
  let forms = 0
  await page.route(
    (url) => url.origin === storeOrigin,
    async (route) => {
      if (route.request().method() !== 'POST') return route.continue()
      forms += 1
      if (forms > 2) return route.continue()
      await route.fulfill({
        status: 503,
        contentType: 'application/xml',
        headers: { 'access-control-allow-origin': '*' },
        body: '<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>',
      })
    },
  )
  await picker(page).setInputFiles(await portrait())
  await page.waitForURL(/\/crop\//)
  expect(keys.length).toBe(3)
  expect(new Set(keys).size).toBe(1)
  expect(await said()).toContain('Retrying in')
  expectOnly(witness, '503')
})

test('U5: a lost store is tried five times; the link is kept while it is good, and renewed when its time is over', async ({
  page,
  witness,
}) => {
  await page.clock.install()
  await begin(page)
  const keys = watchKeys(page)
  const isStore = (url: URL) => url.origin === storeOrigin
  await page.route(isStore, (route) => route.abort('connectionrefused'))
  await picker(page).setInputFiles(await portrait())
  const alert = alertSaying(page, 'We cannot reach the upload service.')
  await skipWaits(page, () => expect(alert).toBeVisible({ timeout: 500 }))
  expect(keys.length).toBe(5)
  await tryAgain(page).click()
  await skipWaits(page, async () => expect(keys.length).toBe(10))
  await expect(alert).toBeVisible()
  expect(new Set(keys).size).toBe(1)

  await page.clock.fastForward('05:00')
  await page.unroute(isStore)
  await tryAgain(page).click()
  await page.waitForURL(/\/crop\//)
  await editorReady(page)
  expect(keys[10]).not.toBe(keys[0])
  expectOnly(witness, 'ERR_CONNECTION_REFUSED')
})

test('U4, U5: cancelling in mid-upload keeps the file, and trying again finishes', async ({ page }) => {
  await begin(page)
  let release = () => {}
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  await page.route('**/*', async (route) => {
    if (route.request().method() === 'POST' && route.request().url().startsWith(storeOrigin)) await held
    await route.continue().catch(() => undefined)
  })
  await picker(page).setInputFiles(await portrait())
  await expect(page.getByRole('progressbar')).toBeVisible()
  await page.getByRole('button', { name: 'Cancel' }).click()
  await expect(page.getByText('Upload cancelled. “portrait.jpg” is still here.')).toBeVisible()
  await expect(picker(page)).toBeFocused()
  release()
  await page.unroute('**/*')
  await tryAgain(page).click()
  await editorReady(page)
})

test('U6: without a network it says so, and goes on by itself when the network is back', async ({
  page,
  context,
  witness,
}) => {
  await begin(page)
  await context.setOffline(true)
  await picker(page).setInputFiles(await portrait())
  await expect(alertSaying(page, 'You are offline. “portrait.jpg” is still here')).toBeVisible()
  await context.setOffline(false)
  await page.waitForURL(/\/crop\//)
  await finish(page)
  expectOnly(witness, 'ERR_INTERNET_DISCONNECTED')
})

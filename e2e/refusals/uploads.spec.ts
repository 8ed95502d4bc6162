import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright/test'
import { storeOrigin } from '@/e2e/addresses'
import { alertSaying, begin, editorReady, finish, loadEditor, skipWaits, watchProgress } from '@/e2e/person'
import { portrait } from '@/e2e/photos'
import { expirePolicy, tamperUploads } from '@/e2e/tamper'
import { expect, expectOnly, test } from '@/e2e/test'

const picker = (page: Page) => page.getByLabel('Choose a photo')
const tryAgain = (page: Page) => page.getByRole('button', { name: 'Try again' })

/** Records the keys that the page posts to the store. Each issued upload has its own key. */
function watchKeys(page: Page): string[] {
  const keys: string[] = []
  page.on('request', (request) => {
    if (request.method() !== 'POST' || !request.url().startsWith(storeOrigin)) return
    keys.push(/name="key"\r\n\r\n([^\r]+)/.exec(request.postDataBuffer()?.toString('latin1') ?? '')?.[1] ?? 'none')
  })
  return keys
}

test('S6: the store rejects a form with a field that no condition covers', async ({ page, witness }) => {
  await begin(page)
  const keys = watchKeys(page)
  const stop = await tamperUploads(page, storeOrigin, (form) => form.set('acl', 'public-read'))
  await picker(page).setInputFiles(await portrait())
  const alert = alertSaying(page, 'This upload was rejected.')
  await expect(alert).toContainText('Details: AccessDenied 403')
  await expect(alert).toHaveAttribute('data-code', 'not_uploaded')
  expectOnly(witness, '403')
  await stop()
  // The file is still here, and a new policy works.
  await tryAgain(page).click()
  await finish(page)
  expect(new Set(keys).size).toBe(2)
})

test('renews an upload link that expired during the upload', async ({ page, witness }) => {
  await begin(page)
  const keys = watchKeys(page)
  let forms = 0
  await tamperUploads(page, storeOrigin, async (form) => {
    forms += 1
    if (forms === 1) await expirePolicy(form)
  })
  await picker(page).setInputFiles(await portrait())
  await page.waitForURL(/\/crop\/\w/)
  await finish(page)
  expect(new Set(keys).size).toBe(2)
  expectOnly(witness, '403')
})

test('U27: reports expired upload links after five tries, as with a wrong clock', async ({ page, witness }) => {
  await begin(page)
  const keys = watchKeys(page)
  const stop = await tamperUploads(page, storeOrigin, expirePolicy)
  await picker(page).setInputFiles(await portrait())
  const alert = alertSaying(page, 'The upload link has expired. Try again.')
  await expect(alert).toContainText('Details: AccessDenied 403')
  expect(new Set(keys).size).toBe(5)
  expectOnly(witness, '403')
  await stop()
  await tryAgain(page).click()
  await finish(page)
})

test('U4: retries a busy store with the same link and shows it', async ({ page, witness }) => {
  await begin(page)
  const keys = watchKeys(page)
  const progress = await watchProgress(page)
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
  await page.waitForURL(/\/crop\/\w/)
  expect(keys.length).toBe(3)
  expect(new Set(keys).size).toBe(1)
  expect(await progress()).toContain('The upload service is busy. Retrying in 1 second…')
  expect(await progress()).not.toContain('Connection lost')
  expectOnly(witness, '503')
})

test('U5: retries an unreachable store five times and renews only an expired link', async ({ page, witness }) => {
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
  await page.waitForURL(/\/crop\/\w/)
  await editorReady(page)
  expect(keys[10]).not.toBe(keys[0])
  expectOnly(witness, 'ERR_CONNECTION_REFUSED')
})

test('U5: asks to choose a file again that changed on the disk during its upload', async ({ page, witness }) => {
  const directory = await mkdtemp(join(tmpdir(), 'changed-'))
  const path = join(directory, 'me.jpg')
  const { buffer } = await portrait()
  await writeFile(path, buffer)
  // Chromium compares whole seconds.
  const anHourAgo = Date.now() / 1000 - 3600
  await utimes(path, anHourAgo, anHourAgo)
  await begin(page)
  await page.route(
    (url) => url.origin === storeOrigin,
    async (route) => {
      if (route.request().method() === 'POST') await writeFile(path, Buffer.concat([buffer, buffer]))
      await route.continue()
    },
  )
  await picker(page).setInputFiles(path)
  const alert = alertSaying(page, '“me.jpg” has changed since you chose it. Please choose it again.')
  await expect(alert).toHaveAttribute('data-code', 'changed')
  expectOnly(witness, 'ERR_UPLOAD_FILE_CHANGED')
  await page.unrouteAll()
  await picker(page).setInputFiles(path)
  await editorReady(page)
  await rm(directory, { recursive: true })
})

test('U4, U5: a cancelled upload keeps its file and can be retried', async ({ page }) => {
  await begin(page)
  let release = () => {}
  const released = new Promise<void>((resolve) => {
    release = resolve
  })
  await page.route('**/*', async (route) => {
    if (route.request().method() === 'POST' && route.request().url().startsWith(storeOrigin)) await released
    await route.continue().catch(() => undefined)
  })
  await picker(page).setInputFiles(await portrait())
  await expect(page.getByRole('progressbar')).toBeVisible()
  await page.getByRole('button', { name: 'Cancel upload' }).click()
  await expect(page.getByText('Upload cancelled. “portrait.jpg” is still here.').last()).toBeVisible()
  await expect(tryAgain(page)).toBeFocused()
  release()
  await page.unroute('**/*')
  await tryAgain(page).click()
  await editorReady(page)
})

test('U6: an offline upload waits and resumes when the network is back', async ({ page, context, witness }) => {
  await begin(page)
  await loadEditor(page)
  await context.setOffline(true)
  await picker(page).setInputFiles(await portrait())
  await expect(alertSaying(page, 'You are offline. “portrait.jpg” is still here')).toBeVisible()
  await context.setOffline(false)
  await page.waitForURL(/\/crop\/\w/)
  await finish(page)
  expectOnly(witness, 'ERR_INTERNET_DISCONNECTED')
})

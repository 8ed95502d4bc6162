import { readFile } from 'node:fs/promises'
import type { Page } from 'playwright/test'
import { addPhoto, alertSaying, begin, cards, forgetBrowser, upload } from './person'
import { movingPng, portrait, variety } from './photos'
import { expect, expectOnly, test } from './test'

const accountButton = (page: Page) => page.getByRole('button', { name: 'Account menu' })
const forgetButton = (page: Page) => page.getByRole('button', { name: 'Forget this browser' })

async function askToForget(page: Page) {
  await accountButton(page).click()
  await forgetButton(page).click()
  return page.getByRole('alertdialog', { name: 'Forget this browser?' })
}

test('U63: the account menu opens and closes by keyboard and by a press outside', async ({ page }) => {
  await page.goto('/')
  await expect(page.getByRole('banner').getByRole('link', { name: 'anyhost' })).toBeVisible()
  await expect(accountButton(page)).toHaveCount(0)
  await expect(page.getByRole('radio', { name: 'Dark' })).toBeVisible()

  await begin(page)
  await accountButton(page).focus()
  await page.keyboard.press('Enter')
  await expect(page.getByText(/^Guest \w{4}$/)).toBeVisible()
  await page.getByRole('radio', { name: 'Dark' }).check({ force: true })
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark')
  await page.keyboard.press('Escape')
  await expect(forgetButton(page)).toBeHidden()
  await expect(accountButton(page)).toBeFocused()

  await accountButton(page).click()
  await page.mouse.click(10, 400)
  await expect(forgetButton(page)).toBeHidden()
  await accountButton(page).click()
  await page.getByRole('link', { name: 'Your photos' }).last().click()
  await page.waitForURL('/gallery')
  await expect(forgetButton(page)).toBeHidden()
})

test('U100: the account page says who I am and how many photos I have', async ({ page }) => {
  await page.goto('/account')
  await expect(page.getByRole('heading', { level: 1, name: 'No photos in this browser yet' })).toBeVisible()
  await begin(page)
  await addPhoto(page, await portrait())
  await addPhoto(page, await variety.landscape(), 'covers')
  await accountButton(page).click()
  await page.getByRole('link', { name: 'Your data' }).click()
  await page.waitForURL('/account')
  await expect(page.getByRole('link', { name: 'Your data' })).toBeHidden()
  await expect(page.getByRole('heading', { level: 1, name: 'Your photos and data' })).toBeFocused()
  await expect(page.getByRole('main').getByText(/^Guest \w{4}$/)).toBeVisible()
  await expect(page.getByText('2 of 1,000 photos')).toBeVisible()
  await expect(page.getByRole('button', { name: 'Sign out everywhere' })).toHaveCount(0)
})

test('U64: forgetting a browser says what is lost and offers all photos in one file', async ({ page, context }) => {
  await begin(page)
  const original = await portrait()
  await addPhoto(page, original)
  await addPhoto(page, await variety.landscape(), 'covers')
  const watching = await context.newPage()
  await watching.goto('/gallery')
  await expect(cards(watching)).toHaveCount(1)

  const dialog = await askToForget(page)
  await expect(dialog).toContainText('Your 2 photos and their originals cannot be opened again.')
  await expect(dialog.getByRole('button', { name: 'Cancel' })).toBeFocused()
  await page.keyboard.press('Escape')
  await expect(dialog).toHaveCount(0)
  await expect(accountButton(page)).toBeFocused()

  await askToForget(page)
  const downloading = page.waitForEvent('download')
  await dialog.getByRole('button', { name: 'Download all' }).click()
  const download = await downloading
  expect(download.suggestedFilename()).toBe('photos.zip')
  // The zip is not compressed, so it contains the file as it was uploaded.
  const zipped = await readFile(await download.path())
  expect(zipped.includes(original.buffer)).toBe(true)
  expect(zipped.toString('latin1').match(/(avatars|covers)-[\dT-]+-original\.jpe?g/g)).toEqual(
    expect.arrayContaining([expect.stringContaining('avatars'), expect.stringContaining('covers')]),
  )
  await expect(dialog.getByRole('status')).toHaveText('Downloaded. Look for photos.zip.')

  await dialog.getByRole('button', { name: 'Forget this browser' }).click()
  await page.waitForURL('/')
  await expect(accountButton(page)).toHaveCount(0)
  expect((await context.cookies()).map(({ name }) => name)).not.toContain('session')
  // Other tabs stop showing the photos.
  await expect(cards(watching)).toHaveCount(0)
  await page.goBack()
  await expect(page.getByRole('heading', { name: /^No (photos|covers) in this browser yet$/ })).toBeVisible()
})

test('U64, U67: forgetting says when nothing is lost, and when the photos cannot be counted', async ({
  page,
  witness,
}) => {
  await begin(page)
  await page.route('**/api/images?*', (route) => route.fulfill({ status: 500, json: { code: 'internal' } }))
  const dialog = await askToForget(page)
  const failed = alertSaying(page, 'We could not count your photos.')
  await expect(failed).toContainText('Code: internal')
  await expect(dialog).toContainText('Your photos and their originals cannot be opened again.')
  await page.unroute('**/api/images?*')
  await failed.getByRole('button', { name: 'Try again' }).click()
  await expect(dialog).toContainText('There are no photos here. Nothing is lost.')
  await expect(dialog.getByRole('button', { name: 'Download all' })).toHaveCount(0)
  await page.keyboard.press('Escape')

  // A code explains nothing that the person can resolve alone.
  const cookies = await page.context().cookies()
  await page.context().clearCookies()
  await askToForget(page)
  const signedOut = dialog.getByRole('alert')
  await expect(signedOut.getByRole('button', { name: 'Reload' })).toBeVisible()
  await expect(signedOut).not.toContainText('Code')
  await page.keyboard.press('Escape')
  await page.context().addCookies(cookies)
  await forgetBrowser(page)
  for (const status of ['500', '401']) expectOnly(witness, status)
})

test('U64: a download that fails keeps the dialog, and works on the next try', async ({ page, witness }) => {
  await begin(page)
  await addPhoto(page, await portrait())
  const originals = (url: URL) => url.pathname.includes('/originals/')
  await page.route(originals, (route) => route.fulfill({ status: 403 }))
  const dialog = await askToForget(page)
  await dialog.getByRole('button', { name: 'Download all' }).click()
  const failed = alertSaying(page, 'We could not download all your photos.')
  await expect(failed).toBeVisible()
  await page.unroute(originals)
  const downloading = page.waitForEvent('download')
  await failed.getByRole('button', { name: 'Try again' }).click()
  await downloading
  await expect(failed).toHaveCount(0)
  witness.consoleErrors = []
})

test('U65: notifications cover no control, and Escape dismisses them', async ({ page }) => {
  await begin(page)
  await upload(page, await movingPng())
  const notice = page.getByRole('list', { name: 'Notifications' }).getByRole('listitem')
  await expect(notice).toContainText('“moving.png” moves.')
  // It slides in.
  await notice.evaluate((element) => Promise.all(element.getAnimations().map(({ finished }) => finished)))
  const box = await notice.boundingBox()
  const covered = await page
    .getByRole('main')
    .getByRole('button')
    .evaluateAll((buttons, toast) => {
      const overlaps = ({ left, right, top, bottom }: DOMRect) =>
        toast && left < toast.x + toast.width && right > toast.x && top < toast.y + toast.height && bottom > toast.y
      return buttons.filter((button) => overlaps(button.getBoundingClientRect())).map((button) => button.textContent)
    }, box)
  expect(covered).toEqual([])
  await page.keyboard.press('Escape')
  await expect(notice).toHaveCount(0)
  await expect(page).toHaveURL(/\/crop\//)
})

test('U65: a notification stays while the pointer is on it', async ({ page }) => {
  await page.clock.install()
  await begin(page)
  await upload(page, await movingPng())
  const notice = page.getByRole('list', { name: 'Notifications' }).getByRole('listitem')
  await notice.hover()
  await page.clock.fastForward('00:30')
  await expect(notice).toContainText('“moving.png” moves.')
  await page.mouse.move(5, 5)
  await page.clock.fastForward('00:30')
  await expect(notice).toHaveCount(0)
})

test('U66: each navigation moves the focus to the heading, and Back restores the place', async ({ page }) => {
  await begin(page)
  for (let count = 0; count < 3; count += 1) await addPhoto(page, await portrait())
  await page.setViewportSize({ width: 400, height: 500 })
  await page.reload()
  await expect(cards(page)).toHaveCount(3)
  // Not after a load: there it is the browser's.
  await expect(page.locator(':focus')).toHaveCount(0)
  await page.evaluate(() => window.scrollTo(0, 200))
  await expect.poll(() => page.evaluate(() => window.scrollY)).toBe(200)
  await page
    .getByRole('banner')
    .getByRole('link', { name: 'anyhost' })
    .evaluate((link) => (link as HTMLElement).click())
  await page.waitForURL('/')
  await expect(page.getByRole('heading', { level: 1 })).toBeFocused()
  await page.goBack()
  await page.waitForURL('/gallery')
  await expect.poll(() => page.evaluate(() => window.scrollY)).toBe(200)
  await page.getByRole('banner').getByRole('link', { name: 'Your photos' }).focus()
  await page.goForward()
  await page.waitForURL('/')
  await expect(page.getByRole('heading', { level: 1 })).toBeFocused()
  await page.keyboard.press('Tab')
  expect(await page.evaluate(() => document.activeElement?.closest('main')?.id)).toBe('main')
})

test('U69: says after 5 seconds that the next page is slow', async ({ page }) => {
  await page.clock.install()
  await begin(page)
  let answer = () => {}
  const answered = new Promise<void>((resolve) => {
    answer = resolve
  })
  await page.route(/\/gallery\?.*_rsc=/, async (route) => {
    await answered
    await route.continue()
  })
  const slow = page.getByText('This takes longer than usual.')
  const requested = page.waitForRequest(/\/gallery\?.*_rsc=/)
  await page.getByRole('banner').getByRole('link', { name: 'Your photos' }).click()
  await requested
  await page.clock.fastForward(4_000)
  await expect(slow).toHaveCount(0)
  await page.clock.fastForward(2_000)
  await expect(slow).toBeVisible()
  answer()
  await page.waitForURL('/gallery')
  await expect(slow).toHaveCount(0)
})

test('U68: without JavaScript, every page says that it needs it', async ({ request }) => {
  // Chromium parses <noscript> as text even while Playwright turns scripts off.
  for (const path of ['/', '/upload', '/gallery']) {
    expect(await (await request.get(path)).text(), path).toMatch(/<noscript><p[^>]*>This site needs JavaScript\./)
  }
})

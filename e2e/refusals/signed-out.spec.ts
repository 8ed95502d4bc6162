import type { Page } from 'playwright/test'
import { storeOrigin } from '@/e2e/addresses'
import {
  addPhoto,
  alertSaying,
  apply,
  begin,
  cards,
  deletePhoto,
  editorReady,
  finish,
  forgetBrowser,
  openPhoto,
  save,
  signIn,
  upload,
} from '@/e2e/person'
import { portrait } from '@/e2e/photos'
import { expect, expectOnly, test } from '@/e2e/test'

/** Ends the session, as a person does who clears the cookies. The page does not know. */
async function clearCookies(page: Page): Promise<void> {
  await page.context().clearCookies()
}

test('S9, U26, U32: an upload without a session creates a guest before it is issued', async ({ page, witness }) => {
  await begin(page)
  await upload(page, await portrait())
  await page.goto('/upload')
  await clearCookies(page)
  const paths: string[] = []
  page.on('request', (request) => {
    const { origin, pathname } = new URL(request.url())
    if (request.method() === 'POST') paths.push(origin === storeOrigin ? 'store' : pathname)
  })
  await upload(page, await portrait())
  // The page thought that it had a session: the refused request, the guest, the second request, the file.
  expect(paths).toEqual(
    ['/upload', '/api/session/guest', '/upload', 'store'].map((path) => path.replace('/upload', '/crop')),
  )
  await finish(page)
  for (const text of ['401', '404']) expectOnly(witness, text)
})

for (const { step, button, heading } of [
  { step: 'between upload and crop', button: 'Preview', heading: 'Crop your photo' },
  { step: 'between crop and save', button: 'Save photo', heading: 'How it will look' },
]) {
  test(`U26: losing the session ${step} keeps the work, and only its guest returns to it`, async ({
    page,
    context,
    witness,
  }) => {
    await begin(page)
    await upload(page, await portrait())
    await page.getByRole('button', { name: 'Rotate 90° right' }).click()
    await expect.poll(() => new URL(page.url()).searchParams.get('rotate')).not.toBeNull()
    if (button === 'Save photo') await apply(page)
    const address = page.url()
    const cookies = await context.cookies()
    await clearCookies(page)

    await page.getByRole('button', { name: button, exact: true }).click()
    const alert = alertSaying(page, 'You are signed out. Reload the page to continue.')
    await expect(alert).toHaveAttribute('data-code', 'unauthorized')
    // The work in progress stays visible.
    await expect(page.getByRole('heading', { name: heading })).toBeVisible()
    await alert.getByRole('button', { name: 'Reload' }).click()
    await expect(page.getByRole('heading', { name: 'This photo was started in another browser' })).toBeVisible()
    expect(page.url()).toBe(address)

    // A new guest starts over.
    await page.getByRole('link', { name: 'Choose a photo' }).click()
    await signIn(page)
    await upload(page, await portrait())

    // The same guest (their cookie) continues, and nothing is lost.
    await context.clearCookies()
    await context.addCookies(cookies)
    await page.goto(address)
    if (button === 'Preview') {
      await editorReady(page)
      await apply(page)
      expect(new URL(page.url()).searchParams.get('rotate')).toBe('90')
    }
    await expect(page.getByRole('heading', { name: 'How it will look' })).toBeVisible()
    await save(page)
    await expect(cards(page)).toHaveCount(1)
    for (const text of ['401', '404']) expectOnly(witness, text)
  })
}

test('S30, U26: without a session, every gallery action offers to reload', async ({ page, context, witness }) => {
  await begin(page)
  await addPhoto(page, await portrait())
  const cookies = await context.cookies()
  await clearCookies(page)
  const card = cards(page).first()
  await card.getByRole('button', { name: /^Stop using/ }).click()
  await expect(card.getByRole('alert')).toHaveAttribute('data-code', 'unauthorized')
  await expect(card.getByRole('button', { name: 'Reload' })).toBeVisible()
  const sheet = await openPhoto(page)
  await sheet.getByLabel('Description').fill('Me')
  await sheet.getByRole('button', { name: 'Save' }).click()
  await expect(sheet.getByRole('button', { name: 'Reload' })).toBeVisible()
  await page.keyboard.press('Escape')
  await deletePhoto(page)
  await expect(cards(page)).toHaveCount(1)
  await page.getByRole('alert').first().getByRole('button', { name: 'Reload' }).click()

  await expect(page.getByRole('heading', { name: 'No photos in this browser yet' })).toBeVisible()
  expect(new URL(page.url()).pathname).toBe('/gallery')
  await context.addCookies(cookies)
  await page.reload()
  await expect(cards(page)).toHaveCount(1)
  expectOnly(witness, '401')
})

test('U26: explains that cookies are needed if the browser blocks them', async ({ page, witness }) => {
  await page.goto('/upload')
  // As if the browser dropped the cookie.
  await page.route('**/api/session/guest', (route) => route.fulfill({ status: 204 }))
  await page.getByLabel('Choose a photo').setInputFiles(await portrait())
  const alert = alertSaying(page, 'Your browser did not keep your guest session.')
  await expect(alert).toContainText('Allow cookies for this site, then try again.')
  await page.unrouteAll()
  await alert.getByRole('button', { name: 'Try again' }).click()
  await page.waitForURL(/\/crop\/\w/)
  await finish(page)
  expectOnly(witness, '401')
})

test('S27: the session cookie is HttpOnly and SameSite, and forgetting removes it', async ({ page, context }) => {
  await begin(page)
  const cookie = (await context.cookies()).find(({ name }) => name === 'session')
  expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Lax', path: '/', domain: 'localhost' })
  expect(await page.evaluate(() => document.cookie)).not.toContain('session')
  await forgetBrowser(page)
  expect((await context.cookies()).map(({ name }) => name)).not.toContain('session')
})

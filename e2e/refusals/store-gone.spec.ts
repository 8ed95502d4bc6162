import type { Page } from 'playwright/test'
import {
  alertSaying,
  apply,
  begin,
  cards,
  deletePhoto,
  editorReady,
  finish,
  openPhoto,
  save,
  skipWaits,
  upload,
  watchProgress,
} from '@/e2e/person'
import { portrait, variety } from '@/e2e/photos'
import { type SmallStack, test } from '@/e2e/small-stack'
import { expect, expectOnly, type Witness } from '@/e2e/test'

const header = (page: Page) => page.getByRole('banner')
const tryAgain = (page: Page) => page.getByRole('button', { name: 'Try again' })

/** Expects that the gallery does not look empty. */
async function expectNotEmpty(page: Page): Promise<void> {
  await expect(page.getByText('No photos yet')).toHaveCount(0)
}

/** Presses "Try again" and waits until a host has logged another failure to read the gallery. */
async function retryInVain(page: Page, { hostLog }: SmallStack): Promise<void> {
  const since = new Date()
  await tryAgain(page).click()
  await expect
    .poll(async () => await hostLog(since))
    .toContainEqual(expect.objectContaining({ step: 'gallery', msg: 'step failed' }))
}

/** Ignores the browser's console errors about failed responses and connections. */
function expectFailedRequests(witness: Witness): void {
  for (const text of ['500', 'ERR_CONNECTION_', 'ERR_EMPTY_RESPONSE', 'ERR_SOCKET_NOT_CONNECTED'])
    expectOnly(witness, text)
  // React's error for a page that failed to render on the server.
  expectOnly(witness, 'Minified React error #441')
}

test('an upload reports an unreachable store and works once it is back', async ({ page, stack, witness }) => {
  await page.clock.install()
  await begin(page)
  await stack.browserGate.shut()
  await page.getByLabel('Choose a photo').setInputFiles(await portrait())
  const alert = alertSaying(page, 'We cannot reach the upload service. “portrait.jpg” is still here')
  // After five tries.
  await skipWaits(page, () => expect(alert).toHaveAttribute('data-code', 'unreachable', { timeout: 500 }))
  await stack.browserGate.open()
  await tryAgain(page).click()
  await page.waitForURL(/\/crop\/\w/)
  await editorReady(page)

  // The crop page loads the photo straight from the store, too.
  await stack.browserGate.shut()
  await page.reload()
  const broken = alertSaying(page, 'We cannot show this photo.')
  await expect(broken).toContainText('The connection failed.')
  await expect(broken).toHaveAttribute('data-code', 'unreachable')
  await stack.browserGate.open()
  await broken.getByRole('button', { name: 'Reload' }).click()
  await finish(page)
  expectFailedRequests(witness)
})

test('an upload retries after a connection reset and shows it', async ({ page, stack, witness }) => {
  await begin(page)
  const progress = await watchProgress(page)
  // The browser itself silently retries once on a reused connection.
  stack.browserGate.breakAfter(20_000, 3)
  await page.getByLabel('Choose a photo').setInputFiles(await portrait())
  await page.waitForURL(/\/crop\/\w/)
  expect(await progress()).toContain('Connection lost. Retrying in')
  await finish(page)
  for (const text of ['ERR_CONNECTION_', 'ERR_EMPTY_RESPONSE']) expectOnly(witness, text)
})

test('an upload that stalls for 30 seconds retries', async ({ page, stack, witness }) => {
  await page.clock.install()
  await begin(page)
  const progress = await watchProgress(page)
  await stack.browserGate.stall()
  const reached = stack.browserGate.nextRequest()
  await page.getByLabel('Choose a photo').setInputFiles(await portrait())
  await reached
  await page.clock.fastForward('00:31')
  await stack.browserGate.open()
  await page.waitForURL(/\/crop\/\w/)
  expect(await progress()).toContain('Connection lost. Retrying in')
  await finish(page)
  expectFailedRequests(witness)
})

test('U16, U67: each step reports a store outage and works once the store is back', async ({
  page,
  stack,
  witness,
}) => {
  await begin(page)
  await stack.hostsGate.shut()
  await page.getByLabel('Choose a photo').setInputFiles(await portrait())
  await expect(alertSaying(page, 'Something went wrong on our side. Nothing is lost')).toContainText('Code: internal')
  await stack.hostsGate.open()
  await tryAgain(page).click()
  await page.waitForURL(/\/crop\/\w/)
  await editorReady(page)

  await stack.hostsGate.shut()
  await page.getByRole('button', { name: 'Zoom in' }).click()
  await page.getByRole('button', { name: 'Preview' }).click()
  await expect(alertSaying(page, 'Nothing is lost. Try again.')).toContainText('Code: internal')
  await stack.hostsGate.open()
  await tryAgain(page).click()
  await expect(page.getByRole('heading', { name: 'How it will look' })).toBeVisible()

  await stack.hostsGate.shut()
  await page.getByRole('button', { name: 'Save photo' }).click()
  await expect(alertSaying(page, 'Nothing is lost. Try again.')).toContainText('Code: internal')
  // The preview stays visible.
  await expect(page.getByRole('heading', { name: 'How it will look' })).toBeVisible()
  await stack.hostsGate.open()
  await tryAgain(page).click()
  await page.waitForURL(/\/gallery/)
  await expect(cards(page)).toHaveCount(1)
  expectFailedRequests(witness)
})

test('the start, upload and gallery pages load while the store is unresponsive', async ({ page, stack, context }) => {
  await begin(page)
  const cookie = (await context.cookies()).map(({ name, value }) => `${name}=${value}`).join('; ')
  await stack.hostsGate.stall()
  for (const path of ['/', '/upload', '/gallery']) {
    const leaving = new AbortController()
    const answer = await fetch(`${stack.origin}${path}`, { headers: { cookie }, signal: leaving.signal })
    expect(answer.status, path).toBe(200)
    let text = ''
    for await (const chunk of answer.body as ReadableStream<Uint8Array>) {
      text += new TextDecoder().decode(chunk)
      // The page is complete except for what needs the store.
      if (text.includes('</main>')) break
    }
    expect(text, path).toMatch(/<h1[ >]/)
    // The header's photo is pending in a Suspense boundary; without one the whole page would wait for it.
    const header = text.slice(text.indexOf('<header'), text.indexOf('</header>'))
    expect(header, path).toContain('<!--$?-->')
    expect(text, path).not.toContain('</html>')
    leaving.abort()
  }
})

test('an unknown crop page is a 404 while the store is unresponsive', async ({ page, stack, context }) => {
  await begin(page)
  const cookie = (await context.cookies()).map(({ name, value }) => `${name}=${value}`).join('; ')
  await stack.hostsGate.stall()
  const answer = await fetch(`${stack.origin}/crop/a${'0'.repeat(26)}`, { headers: { cookie } })
  expect(answer.status).toBe(404)
  // The header's photo delays the end of the page only briefly.
  expect(await answer.text()).toContain('Page not found')
})

test('U18: an outage never looks like an empty gallery, and "Try again" recovers', async ({ page, stack, witness }) => {
  await begin(page)
  await upload(page, await portrait())
  await finish(page)
  const photo = header(page).getByRole('img', { name: 'Your profile photo' })
  await expect(photo).toBeVisible()

  await stack.hostsGate.shut()
  await page.reload()
  const failed = alertSaying(page, 'We could not load your photos. They are safe')
  await expect(failed).toContainText('Code: internal')
  await expectNotEmpty(page)
  // The header has no photo, but still its navigation and the signed-in user.
  await expect(photo).toHaveCount(0)
  await expect(header(page).getByRole('button', { name: 'Account menu' })).toBeVisible()
  // Open the gate only after the retry has failed, else the retry would succeed.
  await retryInVain(page, stack)
  await expect(failed).toBeVisible()
  await expectNotEmpty(page)
  await stack.hostsGate.open()
  await tryAgain(page).click()
  await expect(cards(page)).toHaveCount(1)

  // A page that needs no store still works.
  await stack.hostsGate.shut()
  await page.goto('/upload')
  await expect(page.getByRole('heading', { name: 'Upload a photo' })).toBeVisible()
  await stack.hostsGate.open()

  // A crop page that fails to render reports it, and a retry restores the crop.
  await upload(page, await variety.landscape())
  await page.getByRole('button', { name: 'Rotate 90° right' }).click()
  await apply(page)
  const step = page.url()
  await stack.hostsGate.shut()
  await page.reload()
  await expect(alertSaying(page, 'Nothing is lost. Try again.')).toContainText('Code: internal')
  expect(page.url()).toBe(step)
  await stack.hostsGate.open()
  await tryAgain(page).click()
  await expect(page.getByRole('heading', { name: 'How it will look' })).toBeVisible()
  await save(page)
  await expect(cards(page)).toHaveCount(2)
  expectFailedRequests(witness)
})

test('U57: gallery actions report an outage at the photo and work after it', async ({ page, stack, witness }) => {
  await begin(page)
  await upload(page, await portrait())
  await finish(page)
  await stack.hostsGate.shut()
  const card = cards(page).first()
  await card.getByRole('button', { name: /^Stop using/ }).click()
  await expect(card.getByRole('alert')).toContainText('Code: internal')
  await expect(card).toContainText('In use')
  await stack.hostsGate.open()
  await card.getByRole('button', { name: 'Try again' }).click()
  await expect(card).not.toContainText('In use')
  // The refreshed page has arrived.
  await expect(header(page).getByRole('img', { name: 'Your profile photo' })).toHaveCount(0)

  await stack.hostsGate.shut()
  await deletePhoto(page)
  const notice = alertSaying(page, 'We could not delete “Photo from')
  await expect(notice).toContainText('Code: internal')
  await expect(cards(page)).toHaveCount(1)
  await stack.hostsGate.open()
  const deleted = page.waitForResponse('**/api/images/delete')
  await notice.getByRole('button', { name: 'Try again' }).click()
  await expect(page.getByRole('heading', { name: 'No photos yet' })).toBeVisible()
  await page.getByRole('button', { name: /^Undo/ }).press('Escape')
  expect((await deleted).status()).toBe(200)
  expectFailedRequests(witness)
})

test('a gallery that cannot be refreshed keeps its photos and shows a notice', async ({ page, stack, witness }) => {
  await begin(page)
  await upload(page, await portrait())
  await finish(page)
  await stack.hostsGate.shut()
  // As if another tab had saved or deleted a photo.
  await page.evaluate(() => new BroadcastChannel('photo-changes').postMessage('changed'))
  const notice = alertSaying(page, 'We could not refresh your photos.')
  await expect(notice).toContainText('Code: internal')
  await expect(cards(page)).toHaveCount(1)
  await retryInVain(page, stack)
  await expect(notice).toBeVisible()
  await expect(cards(page)).toHaveCount(1)
  await stack.hostsGate.open()
  await tryAgain(page).click()
  await expect(notice).toHaveCount(0)
  await expect(cards(page)).toHaveCount(1)
  expectFailedRequests(witness)
})

test('a photo that was deleted elsewhere can be removed from the page', async ({ page, stack, witness }) => {
  await begin(page)
  for (const photo of [await portrait(), await variety.landscape()]) {
    await page.goto('/upload')
    await upload(page, photo)
    await finish(page)
  }
  const deletedId = (await (await page.request.get('/api/images')).json()).images[1].imageId
  const headers = { origin: stack.origin }
  expect((await page.request.delete(`/api/images/${deletedId}`, { headers })).status()).toBe(204)
  const sheet = await openPhoto(page, 1)
  await sheet.getByRole('button', { name: /^Use this photo/ }).click()
  const notice = sheet.getByRole('alert')
  await expect(notice).toContainText('This photo does not exist.')
  await expect(sheet.getByRole('button', { name: 'Try again' })).toHaveCount(0)
  await notice.getByRole('button', { name: 'Remove from this page' }).click()
  await expect(cards(page)).toHaveCount(1)
  await expect(cards(page).getByRole('button', { name: /^Photo/ })).toBeFocused()
  expectOnly(witness, '404')
})

test('U18: every step fails in time when the store accepts connections and never responds', async ({
  page,
  stack,
  witness,
}) => {
  // The deadlines of up to four requests, on a slow machine.
  const slowTimeout = { timeout: 90_000 }
  test.setTimeout(240_000)
  await begin(page)
  await upload(page, await portrait())
  const applying = page
  const [gallery, saving, elsewhere] = await Promise.all([
    page.context().newPage(),
    page.context().newPage(),
    page.context().newPage(),
  ])
  await saving.goto('/upload')
  await upload(saving, await variety.landscape())
  await apply(saving)

  await stack.hostsGate.stall()
  const slow = Promise.all([gallery.goto('/gallery'), elsewhere.goto('/upload')])
  await applying.getByRole('button', { name: 'Preview' }).click()
  await saving.getByRole('button', { name: 'Save photo' }).click()
  // This page needs no store, and its header does not wait for it.
  await expect(elsewhere.getByRole('heading', { name: 'Upload a photo' })).toBeVisible()
  await expect(gallery.getByText('Loading your photos…')).toBeVisible()
  await expect(gallery.getByText('This is taking longer than usual…')).toBeVisible()
  await expect(alertSaying(gallery, 'We could not load your photos.')).toBeVisible(slowTimeout)
  await expectNotEmpty(gallery)
  for (const step of [applying, saving]) {
    await expect(alertSaying(step, 'Nothing is lost. Try again.')).toContainText('Code: internal', slowTimeout)
  }
  await slow

  await stack.hostsGate.open()
  await tryAgain(applying).click()
  await expect(applying.getByRole('heading', { name: 'How it will look' })).toBeVisible()
  await tryAgain(saving).click()
  await saving.waitForURL(/\/gallery/)
  // This tab refreshes after the save in the other tab.
  await expect(cards(gallery)).toHaveCount(1)
  expectFailedRequests(witness)
})

import type { Page } from 'playwright/test'
import {
  alertSaying,
  apply,
  begin,
  cards,
  editorReady,
  finish,
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

/** Fails for whatever looks like a gallery without pictures. */
async function neverLooksEmpty(page: Page): Promise<void> {
  await expect(page.getByText('No photos yet')).toHaveCount(0)
}

/** Presses, and resolves when a host has failed to read the gallery since then. */
async function readInVain(page: Page, { hostLog }: SmallStack): Promise<void> {
  const since = new Date()
  await tryAgain(page).click()
  await expect.poll(async () => (await hostLog(since)).map(({ msg }) => msg)).toContain('gallery failed')
}

/** What a browser writes into its console about answers and connections that failed. */
function expectFailedRequests(witness: Witness): void {
  for (const text of ['500', 'ERR_CONNECTION_', 'ERR_EMPTY_RESPONSE', 'ERR_SOCKET_NOT_CONNECTED'])
    expectOnly(witness, text)
  // What React says of a page whose making failed on the server.
  expectOnly(witness, 'Minified React error #441')
}

test('with the store out of the browser’s reach the upload says so, and goes on when it is back', async ({
  page,
  stack,
  witness,
}) => {
  await page.clock.install()
  await begin(page)
  await stack.browserGate.shut()
  await page.getByLabel('Choose a photo').setInputFiles(await portrait())
  const alert = alertSaying(page, 'We cannot reach the upload service. “portrait.jpg” is still here')
  // It was tried five times until then.
  await skipWaits(page, () => expect(alert).toContainText('Code: unreachable', { timeout: 500 }))
  await stack.browserGate.open()
  await tryAgain(page).click()
  await page.waitForURL(/\/crop\//)
  await editorReady(page)

  // The picture of the crop page comes straight from the store, too.
  await stack.browserGate.shut()
  await page.reload()
  const broken = alertSaying(page, 'We cannot show this photo.')
  await expect(broken).toContainText('The connection failed.')
  await expect(broken).toContainText('Code: unreachable')
  await stack.browserGate.open()
  await broken.getByRole('button', { name: 'Reload' }).click()
  await finish(page)
  expectFailedRequests(witness)
})

test('an upload that is reset in the middle begins anew by itself, and says so', async ({ page, stack, witness }) => {
  await begin(page)
  const said = await watchProgress(page)
  // The browser itself tries once more, silently, where a connection was used before.
  stack.browserGate.breakAfter(20_000, 3)
  await page.getByLabel('Choose a photo').setInputFiles(await portrait())
  await page.waitForURL(/\/crop\//)
  expect(await said()).toContain('Connection lost. Retrying in')
  await finish(page)
  for (const text of ['ERR_CONNECTION_', 'ERR_EMPTY_RESPONSE']) expectOnly(witness, text)
})

test('an upload that stalls for half a minute begins anew by itself', async ({ page, stack, witness }) => {
  await page.clock.install()
  await begin(page)
  const said = await watchProgress(page)
  await stack.browserGate.stall()
  const reached = stack.browserGate.nextRequest()
  await page.getByLabel('Choose a photo').setInputFiles(await portrait())
  await reached
  await page.clock.fastForward('00:31')
  await stack.browserGate.open()
  await page.waitForURL(/\/crop\//)
  expect(await said()).toContain('Connection lost. Retrying in')
  await finish(page)
  expectFailedRequests(witness)
})

test('U16: with the store out of the hosts’ reach each step says so, and goes on when it is back', async ({
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
  await page.waitForURL(/\/crop\//)
  await editorReady(page)

  await stack.hostsGate.shut()
  await page.getByRole('button', { name: 'Zoom in' }).click()
  await page.getByRole('button', { name: 'Apply' }).click()
  await expect(alertSaying(page, 'Nothing is lost. Try again.')).toContainText('Code: internal')
  await stack.hostsGate.open()
  await tryAgain(page).click()
  await expect(page.getByRole('heading', { name: 'How it will look' })).toBeVisible()

  await stack.hostsGate.shut()
  await page.getByRole('button', { name: 'Save photo' }).click()
  await expect(alertSaying(page, 'Nothing is lost. Try again.')).toContainText('Code: internal')
  // The picture that is to be saved is still before the person's eyes.
  await expect(page.getByRole('heading', { name: 'How it will look' })).toBeVisible()
  await stack.hostsGate.open()
  await tryAgain(page).click()
  await page.waitForURL(/\/gallery/)
  await expect(cards(page)).toHaveCount(1)
  expectFailedRequests(witness)
})

test('front, upload and gallery page arrive while the store does not answer', async ({ page, stack, context }) => {
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
      // The page is there, and what the store has to say is not.
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

test('a crop page that never existed is a 404 while the store does not answer', async ({ page, stack, context }) => {
  await begin(page)
  const cookie = (await context.cookies()).map(({ name, value }) => `${name}=${value}`).join('; ')
  await stack.hostsGate.stall()
  const answer = await fetch(`${stack.origin}/crop/a${'0'.repeat(26)}`, { headers: { cookie } })
  expect(answer.status).toBe(404)
  // The header's photo does not hold up the end of the page for long, either.
  expect(await answer.text()).toContain('Page not found')
})

test('U18: an outage never looks like an empty gallery, and its pages come back by a press', async ({
  page,
  stack,
  witness,
}) => {
  await begin(page)
  await upload(page, await portrait())
  await finish(page)
  const picture = header(page).getByRole('img', { name: 'Your profile photo' })
  await expect(picture).toBeVisible()

  await stack.hostsGate.shut()
  await page.reload()
  const failed = alertSaying(page, 'We could not load your photos. They are safe')
  await expect(failed).toContainText('Code: internal')
  await neverLooksEmpty(page)
  // The header lacks its picture; who is signed in, and the ways to go, are there.
  await expect(picture).toHaveCount(0)
  await expect(header(page).getByRole('button', { name: 'Sign out' })).toBeVisible()
  // The gate opens only once the new attempt has failed, too: what is still on its way then would be the pictures.
  await readInVain(page, stack)
  await expect(failed).toBeVisible()
  await neverLooksEmpty(page)
  await stack.hostsGate.open()
  await tryAgain(page).click()
  await expect(cards(page)).toHaveCount(1)

  // Without the store a page that does not need it stands.
  await stack.hostsGate.shut()
  await page.goto('/upload')
  await expect(page.getByRole('heading', { name: 'Upload a photo' })).toBeVisible()
  await stack.hostsGate.open()

  // A crop page that cannot be made says so, and opens where the crop was left.
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

test('what is pressed in the gallery while the store is gone says so on the spot, and works when it is back', async ({
  page,
  stack,
  witness,
}) => {
  await begin(page)
  await upload(page, await portrait())
  await finish(page)
  await stack.hostsGate.shut()
  const card = cards(page).first()
  await card.getByRole('button', { name: /^Stop using/ }).click()
  await expect(card.getByRole('alert')).toContainText('Code: internal')
  await expect(card).toContainText('Current')
  await stack.hostsGate.open()
  await card.getByRole('button', { name: 'Try again' }).click()
  await expect(card).not.toContainText('Current')
  // The page, read again, has come.
  await expect(header(page).getByRole('img', { name: 'Your profile photo' })).toHaveCount(0)

  await stack.hostsGate.shut()
  await card.getByRole('button', { name: /^More actions for photo/ }).click()
  await page.getByRole('menuitem', { name: /^Delete/ }).click()
  const dialog = page.getByRole('alertdialog')
  await dialog.getByRole('button', { name: 'Delete' }).click()
  await expect(dialog.getByRole('alert')).toContainText('Code: internal')
  await stack.hostsGate.open()
  await dialog.getByRole('button', { name: 'Try again' }).click()
  await expect(page.getByRole('heading', { name: 'No photos yet' })).toBeVisible()
  expectFailedRequests(witness)
})

test('a gallery that cannot be read again stays as it was, says so, and follows when it can', async ({
  page,
  stack,
  witness,
}) => {
  await begin(page)
  await upload(page, await portrait())
  await finish(page)
  await stack.hostsGate.shut()
  // As another tab tells it, having saved or deleted something.
  await page.evaluate(() => new BroadcastChannel('photo-changes').postMessage('changed'))
  const notice = alertSaying(page, 'We could not refresh your photos.')
  await expect(notice).toContainText('Code: internal')
  await expect(cards(page)).toHaveCount(1)
  await readInVain(page, stack)
  await expect(notice).toBeVisible()
  await expect(cards(page)).toHaveCount(1)
  await stack.hostsGate.open()
  await tryAgain(page).click()
  await expect(notice).toHaveCount(0)
  await expect(cards(page)).toHaveCount(1)
  expectFailedRequests(witness)
})

test('a picture that was deleted elsewhere is said to be gone, and is taken off by a press', async ({
  page,
  stack,
}) => {
  await begin(page)
  for (const photo of [await portrait(), await variety.landscape()]) {
    await page.goto('/upload')
    await upload(page, photo)
    await finish(page)
  }
  const gone = (await (await page.request.get('/api/images')).json()).images[1].imageId
  const headers = { origin: stack.origin }
  expect((await page.request.delete(`/api/images/${gone}`, { headers })).status()).toBe(204)
  const card = cards(page).nth(1)
  await card.getByRole('button', { name: /^Set as current/ }).click()
  const notice = card.getByRole('alert')
  await expect(notice).toContainText('This photo does not exist.')
  await expect(card.getByRole('button', { name: 'Try again' })).toHaveCount(0)
  await notice.getByRole('button', { name: 'Remove from this page' }).click()
  await expect(cards(page)).toHaveCount(1)
  await expect(cards(page).first().getByRole('article')).toBeFocused()
})

test('a store that takes connections and says nothing holds nobody for good', async ({ page, stack, witness }) => {
  // The limits of a request, four times over, and the machine's own slowness.
  const patience = { timeout: 90_000 }
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
  await applying.getByRole('button', { name: 'Apply' }).click()
  await saving.getByRole('button', { name: 'Save photo' }).click()
  // No store is needed for this page, and its header does not wait for one.
  await expect(elsewhere.getByRole('heading', { name: 'Upload a photo' })).toBeVisible()
  await expect(gallery.getByText('Loading your photos…')).toBeVisible()
  await expect(alertSaying(gallery, 'We could not load your photos.')).toBeVisible(patience)
  await neverLooksEmpty(gallery)
  for (const step of [applying, saving]) {
    await expect(alertSaying(step, 'Nothing is lost. Try again.')).toContainText('Code: internal', patience)
  }
  await slow

  await stack.hostsGate.open()
  await tryAgain(applying).click()
  await expect(applying.getByRole('heading', { name: 'How it will look' })).toBeVisible()
  await tryAgain(saving).click()
  await saving.waitForURL(/\/gallery/)
  // It has heard of the save, and was read again.
  await expect(cards(gallery)).toHaveCount(1)
  expectFailedRequests(witness)
})

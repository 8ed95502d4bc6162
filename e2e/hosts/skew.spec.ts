import type { Page } from 'playwright/test'
import { apply, begin, cards, editorReady, putUp, save, signIn } from '@/e2e/person'
import { portrait, variety } from '@/e2e/photos'
import { expect, expectOnly, type Witness } from '@/e2e/test'
import { missingHaproxyPrograms } from '@/tools/haproxy/haproxy-package'
import { test } from './two-builds'

/** What the browser writes into its console about an action that the host does not know. */
const expectUnknownActions = (witness: Witness) => expectOnly(witness, '409')

/** Whether the page before the person is of the new build. */
const isNew = (page: Page) => page.getByRole('banner').getByRole('link', { name: 'anyhost, new' })

/** Resolves once the page, this very document, has heard that another tab changed a picture. */
const heardChanges = (page: Page) =>
  page.evaluate(
    () =>
      new Promise<void>((resolve) => {
        new BroadcastChannel('photo-changes').onmessage = () => resolve()
      }),
  )

const openMenu = (page: Page, at = 0) =>
  cards(page)
    .nth(at)
    .getByRole('button', { name: /^More actions for photo/ })
    .click()

test('with the upload page open, a picture is put up in three steps on hosts of the new build, and nobody notices', async ({
  page,
  builds,
  witness,
}) => {
  await begin(page)
  builds.leadTo('new')
  await page.getByLabel('Choose a photo').setInputFiles(await portrait())
  await page.waitForURL(/\/crop\//)
  await editorReady(page)
  await expect(isNew(page)).toBeVisible()
  await apply(page)
  await save(page)
  await expect(cards(page)).toHaveCount(1)
  expectUnknownActions(witness)
})

test('a file that waits on the upload page stays through what other tabs do, and goes up by one press', async ({
  page,
  context,
  builds,
  witness,
}) => {
  await begin(page)
  // The store does not answer for as long as it takes to press Cancel.
  const toStore = (url: URL) => url.origin === builds.storeOrigin
  await page.route(toStore, () => undefined)
  await page.getByLabel('Choose a photo').setInputFiles(await portrait())
  await page.getByRole('button', { name: 'Cancel' }).click()
  await expect(page.getByText('Upload cancelled. “portrait.jpg” is still here.')).toBeVisible()
  await page.unroute(toStore)
  builds.leadTo('new')
  const hears = heardChanges(page)
  const other = await context.newPage()
  await putUp(other, await variety.landscape())
  await hears
  await page.getByRole('button', { name: 'Try again' }).click()
  await page.waitForURL(/\/crop\//)
  await editorReady(page)
  expectUnknownActions(witness)
})

test('U15: with a crop half done, its frame stays, and one press saves it', async ({ page, builds, witness }) => {
  await begin(page)
  await page.getByLabel('Choose a photo').setInputFiles(await variety.landscape())
  await page.waitForURL(/\/crop\//)
  await editorReady(page)
  for (const name of ['Zoom in', 'Rotate 90° right', 'Move photo left']) {
    await page.getByRole('button', { name }).click()
  }
  builds.leadTo('new')
  await apply(page)
  const left = new URL(page.url()).searchParams
  await page.getByRole('button', { name: 'Save photo' }).click()
  await page.waitForURL(/\/gallery/)
  await expect(cards(page)).toHaveCount(1)
  await expect(isNew(page)).toBeVisible()
  await openMenu(page)
  await page.getByRole('menuitem', { name: /^Crop again/ }).click()
  await page.waitForURL(/\/crop\//)
  await editorReady(page)
  await apply(page)
  for (const name of ['area', 'rotate']) expect(new URL(page.url()).searchParams.get(name)).toBe(left.get(name))
  expectUnknownActions(witness)
})

test('U22: in the gallery each press does what it did', async ({ page, builds, witness }) => {
  await begin(page)
  await putUp(page, await portrait())
  await putUp(page, await variety.landscape())
  const onOldPage = async (act: () => Promise<void>) => {
    builds.leadTo('old')
    await page.goto('/gallery')
    await expect(cards(page)).not.toHaveCount(0)
    await expect(isNew(page)).toHaveCount(0)
    builds.leadTo('new')
    await act()
  }
  await onOldPage(async () => {
    await cards(page)
      .nth(1)
      .getByRole('button', { name: /^Set as current/ })
      .click()
    await expect(cards(page).nth(1)).toContainText('Current')
    await expect(isNew(page)).toBeVisible()
    await expect(cards(page).nth(1)).toContainText('Current')
  })
  await onOldPage(async () => {
    await openMenu(page)
    await page.getByRole('menuitem', { name: /^Edit description/ }).click()
    await page.getByLabel('Description').fill('By the sea')
    await page.getByRole('button', { name: 'Save description' }).click()
    await expect(page.getByRole('dialog')).toHaveCount(0)
    await expect(cards(page).first().getByRole('img', { name: 'By the sea' })).toBeVisible()
    await expect(isNew(page)).toBeVisible()
    await expect(cards(page).first().getByRole('img', { name: 'By the sea' })).toBeVisible()
  })
  await onOldPage(async () => {
    await openMenu(page)
    await page.getByRole('menuitem', { name: /^Crop again/ }).click()
    await page.waitForURL(/\/crop\//)
    await editorReady(page)
  })
  await onOldPage(async () => {
    await page.getByRole('button', { name: 'Select', exact: true }).click()
    for (const at of [0, 1]) await cards(page).nth(at).getByRole('checkbox').check()
    await page.getByRole('region', { name: 'Selection' }).getByRole('button', { name: 'Delete' }).click()
    await page.getByRole('alertdialog').getByRole('button', { name: 'Delete 2 photos' }).click()
    await expect(page.getByRole('heading', { name: 'No photos yet' })).toBeVisible()
    await expect(isNew(page)).toBeVisible()
    await expect(page.getByRole('heading', { name: 'No photos yet' })).toBeVisible()
  })
  expectUnknownActions(witness)
})

test('what is pressed while a page of the new build is on its way is done', async ({ page, builds, witness }) => {
  await begin(page)
  await putUp(page, await portrait())
  await putUp(page, await variety.landscape())
  builds.leadTo('new')
  // The page that is asked for after the first press comes when the second one is done with.
  let pass = () => {}
  const secondIsSent = new Promise<void>((resolve) => {
    pass = resolve
  })
  await page.route(/\/gallery.*_rsc=/, async (route) => {
    await secondIsSent
    await route.continue()
  })
  const isAsked = page.waitForRequest(/\/gallery.*_rsc=/)
  const button = (at: number, name: RegExp) => cards(page).nth(at).getByRole('button', { name })
  await button(1, /^Set as current/).click()
  await isAsked
  const second = page.waitForResponse((answer) => answer.request().method() === 'PUT')
  await button(0, /^Set as current/).click()
  expect((await second).status()).toBe(200)
  pass()
  await expect(isNew(page)).toBeVisible()
  await expect(cards(page).first()).toContainText('Current')
  expectUnknownActions(witness)
})

test('signing in and out goes on', async ({ page, builds, witness }) => {
  await page.goto('/upload')
  builds.leadTo('new')
  await signIn(page)
  builds.leadTo('old')
  await page.goto('/gallery')
  builds.leadTo('new')
  await page.getByRole('button', { name: 'Sign out' }).click()
  await expect(page.getByRole('button', { name: 'Continue as a guest' })).toBeVisible()
  expectUnknownActions(witness)
})

test('what is selected in the gallery stays through what other tabs do, and is deleted by one press', async ({
  page,
  context,
  builds,
  witness,
}) => {
  await begin(page)
  await putUp(page, await portrait())
  await putUp(page, await variety.landscape())
  await page.getByRole('button', { name: 'Select', exact: true }).click()
  for (const at of [0, 1]) await cards(page).nth(at).getByRole('checkbox').check()
  builds.leadTo('new')
  const hears = heardChanges(page)
  const other = await context.newPage()
  await putUp(other, await portrait())
  await hears
  const selection = page.getByRole('region', { name: 'Selection' })
  await expect(selection).toContainText('2 selected')
  await selection.getByRole('button', { name: 'Delete' }).click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Delete 2 photos' }).click()
  // What waited comes now: the page is read again, and shows what the other tab saved.
  await expect(isNew(page)).toBeVisible()
  await expect(cards(page)).toHaveCount(1)
  expectUnknownActions(witness)
})

test('while hosts of both builds serve, behind HAProxy, every step can be taken, and no part of a page is missing', async ({
  page,
  builds,
  witness,
}) => {
  test.skip(missingHaproxyPrograms().length > 0 && !process.env.CI, 'HAProxy is not installed')
  test.setTimeout(240_000)
  await begin(page)
  await builds.leadToBoth()
  // A page that is being loaded anew for the other build's sake may get in before.
  const open = (path: string) => expect(async () => void (await page.goto(path))).toPass()
  for (let pictures = 1; pictures <= 4; pictures += 1) {
    await open('/upload')
    await page.getByLabel('Choose a photo').setInputFiles(await portrait())
    await page.waitForURL(/\/crop\//)
    await editorReady(page)
    await apply(page)
    await save(page)
    await expect(cards(page)).toHaveCount(pictures)
  }
  await open('/upload')
  await page.getByRole('button', { name: 'Sign out' }).click()
  await expect(page.getByRole('button', { name: 'Continue as a guest' })).toBeVisible()
  expect(new Set(witness.servedBy)).toEqual(new Set(['old', 'new']))
  expectUnknownActions(witness)
})

/** Counts how often the page was loaded as a whole from now on. */
function countLoads(page: Page): { loads: number } {
  const count = { loads: 0 }
  page.on('request', (request) => {
    if (request.isNavigationRequest() && request.frame() === page.mainFrame()) count.loads += 1
  })
  return count
}

/** What browser and React say about a part of a build that is not there. */
function expectMissingParts(witness: Witness): void {
  for (const text of ['404', 'MIME type', 'ChunkLoadError']) expectOnly(witness, text)
}

test('a page whose chunks went with the old hosts on the way there is loaded anew, once, at the address it led to', async ({
  page,
  builds,
  witness,
}) => {
  await begin(page)
  // The old host answers what the page shows; what it is drawn with is asked for when that host is gone.
  await page.route(/\/gallery.*_rsc=/, async (route) => {
    const answer = await route.fetch()
    if (!route.request().headers()['next-router-prefetch']) builds.leadTo('new')
    await route.fulfill({ response: answer })
  })
  const count = countLoads(page)
  await page.getByRole('navigation').getByRole('link', { name: 'Gallery' }).click()
  await expect(page.getByRole('heading', { name: 'No photos yet' })).toBeVisible()
  await expect(isNew(page)).toBeVisible()
  expect(new URL(page.url()).pathname).toBe('/gallery')
  expect(count.loads).toBe(1)
  expectMissingParts(witness)
})

test('a document whose scripts went with the old hosts is loaded anew, once, and works', async ({
  page,
  builds,
  witness,
}) => {
  await page.route('**/upload', async (route) => {
    const answer = await route.fetch()
    builds.leadTo('new')
    await route.fulfill({ response: answer })
  })
  const count = countLoads(page)
  await begin(page)
  await expect(isNew(page)).toBeVisible()
  expect(count.loads).toBe(2)
  expectMissingParts(witness)
})

test('a build that is broken for good is loaded anew once, says so, and leaves a way on', async ({ page, witness }) => {
  await begin(page)
  const scripts = /\/_next\/static\/.*\.js/
  await page.route(scripts, (route) => route.fulfill({ status: 404 }))
  const count = countLoads(page)
  await page.getByRole('navigation').getByRole('link', { name: 'Gallery' }).click()
  await expect(page.getByRole('alert').getByRole('link', { name: 'Reload' })).toBeVisible()
  expect(new URL(page.url()).pathname).toBe('/gallery')
  expect(count.loads).toBe(1)
  await page.unroute(scripts)
  await page.getByRole('alert').getByRole('link', { name: 'Reload' }).click()
  await expect(page.getByRole('heading', { name: 'No photos yet' })).toBeVisible()
  await expect(page.getByRole('alert').getByRole('link', { name: 'Reload' })).toBeHidden()
  await page.getByRole('button', { name: 'Sign out' }).click()
  await expect(page.getByRole('button', { name: 'Continue as a guest' })).toBeVisible()
  expectMissingParts(witness)
})

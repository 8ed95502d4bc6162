import type { Page } from 'playwright/test'
import {
  addPhoto,
  apply,
  begin,
  cards,
  editorReady,
  forgetBrowser,
  loadEditor,
  openPhoto,
  save,
  signIn,
} from '@/e2e/person'
import { portrait, variety } from '@/e2e/photos'
import { expect, expectOnly, type Witness } from '@/e2e/test'
import { missingHaproxyPrograms } from '@/tools/haproxy/haproxy-package'
import { nameOfNewBuild, test } from './two-builds'

/** Ignores the browser's console errors about actions that a host does not know. */
const expectUnknownActions = (witness: Witness) => expectOnly(witness, '409')

/** Ignores console errors about missing parts of a build. */
function expectMissingParts(witness: Witness): void {
  expectOnly(witness, /status of 404 .*\/_next\/static\/|MIME type|ChunkLoadError/)
}

/** Title of pages that the new build rendered. The editor hides the header. */
const newTitle = new RegExp(nameOfNewBuild)

/** Resolves once this document has received a change from another tab. */
const changeFromOtherTab = (page: Page) =>
  page.evaluate(
    () =>
      new Promise<void>((resolve) => {
        new BroadcastChannel('photo-changes').onmessage = () => resolve()
      }),
  )

test('an open upload page completes all three steps on hosts of the new build', async ({ page, builds, witness }) => {
  await begin(page)
  await loadEditor(page)
  builds.serve('new')
  await page.getByLabel('Choose a photo').setInputFiles(await portrait())
  await page.waitForURL(/\/crop\/\w/)
  await editorReady(page)
  await expect(page).toHaveTitle(newTitle)
  await apply(page)
  await save(page)
  await expect(cards(page)).toHaveCount(1)
  expectUnknownActions(witness)
  // The new build does not have the chunks that the page loads ahead.
  expectMissingParts(witness)
})

test('a cancelled upload keeps its file during changes in other tabs', async ({ page, context, builds, witness }) => {
  await begin(page)
  // The store does not respond until the upload is cancelled.
  const toStore = (url: URL) => url.origin === builds.storeOrigin
  await page.route(toStore, () => undefined)
  await page.getByLabel('Choose a photo').setInputFiles(await portrait())
  await page.getByRole('button', { name: 'Cancel upload' }).click()
  await expect(page.getByText('Upload cancelled. “portrait.jpg” is still here.').last()).toBeVisible()
  await page.unroute(toStore)
  builds.serve('new')
  const change = changeFromOtherTab(page)
  const other = await context.newPage()
  await addPhoto(other, await variety.landscape())
  await change
  await page.getByRole('button', { name: 'Try again' }).click()
  await page.waitForURL(/\/crop\/\w/)
  await editorReady(page)
  expectUnknownActions(witness)
})

test('U15: an unsaved crop stays the same and can be saved on the new build', async ({ page, builds, witness }) => {
  await begin(page)
  await page.getByLabel('Choose a photo').setInputFiles(await variety.landscape())
  await page.waitForURL(/\/crop\/\w/)
  await editorReady(page)
  for (const name of ['Zoom in', 'Rotate 90° right', 'Move photo left']) {
    await page.getByRole('button', { name }).click()
  }
  builds.serve('new')
  await apply(page)
  const applied = new URL(page.url()).searchParams
  await page.getByRole('button', { name: 'Save photo' }).click()
  await page.waitForURL(/\/gallery/)
  await expect(cards(page)).toHaveCount(1)
  await expect(page).toHaveTitle(newTitle)
  await (await openPhoto(page)).getByRole('button', { name: /^Crop again/ }).click()
  await page.waitForURL(/\/crop\/\w/)
  await editorReady(page)
  await apply(page)
  for (const name of ['area', 'rotate']) expect(new URL(page.url()).searchParams.get(name)).toBe(applied.get(name))
  expectUnknownActions(witness)
})

test('U22: every gallery action works on the new build', async ({ page, builds, witness }) => {
  await begin(page)
  await addPhoto(page, await portrait())
  await addPhoto(page, await variety.landscape())
  const onOldPage = async (act: () => Promise<void>) => {
    builds.serve('old')
    await page.goto('/gallery')
    await expect(cards(page)).not.toHaveCount(0)
    await expect(page).not.toHaveTitle(newTitle)
    // Loads the code of the sheet, as any movement on the page does.
    await expect(await openPhoto(page)).toBeVisible()
    await page.keyboard.press('Escape')
    builds.serve('new')
    await act()
  }
  await onOldPage(async () => {
    const older = (await cards(page).nth(1).getAttribute('id')) as string
    await (await openPhoto(page, 1)).getByRole('button', { name: /^Use this photo/ }).click()
    await expect(cards(page).first()).toHaveAttribute('id', older)
    await expect(page).toHaveTitle(newTitle)
    await expect(cards(page).first()).toHaveAttribute('id', older)
  })
  await onOldPage(async () => {
    await page.getByLabel('Description').fill('By the sea')
    await page.getByRole('button', { name: 'Save' }).click()
    await expect(cards(page).first().getByRole('img', { name: 'By the sea' })).toBeVisible()
    await expect(page).toHaveTitle(newTitle)
    await expect(cards(page).first().getByRole('img', { name: 'By the sea' })).toBeVisible()
  })
  await onOldPage(async () => {
    await (await openPhoto(page)).getByRole('button', { name: /^Crop again/ }).click()
    await page.waitForURL(/\/crop\/\w/)
    await editorReady(page)
  })
  await onOldPage(async () => {
    await page.getByRole('button', { name: 'Select', exact: true }).click()
    for (const at of [0, 1]) await cards(page).nth(at).getByRole('checkbox').check()
    await page.getByRole('region', { name: 'Selection' }).getByRole('button', { name: 'Delete' }).click()
    await page.getByRole('alertdialog').getByRole('button', { name: 'Delete 2 photos' }).click()
    await expect(page.getByRole('heading', { name: 'No photos yet' })).toBeVisible()
    await expect(page).toHaveTitle(newTitle)
    await expect(page.getByRole('heading', { name: 'No photos yet' })).toBeVisible()
  })
  expectUnknownActions(witness)
  // The new build does not have the chunks that the page loads ahead.
  expectMissingParts(witness)
})

test('an action pressed while the page of the new build loads is done', async ({ page, builds, witness }) => {
  await begin(page)
  await addPhoto(page, await portrait())
  await addPhoto(page, await variety.landscape())
  builds.serve('new')
  // Hold back the refresh after the first press until the second is answered.
  let pass = () => {}
  const secondIsSent = new Promise<void>((resolve) => {
    pass = resolve
  })
  await page.route(/\/gallery.*_rsc=/, async (route) => {
    await secondIsSent
    await route.continue()
  })
  const [newest, older] = await cards(page).evaluateAll((items) => items.map(({ id }) => id))
  // Not the request that loads a link's page ahead.
  const refreshRequest = page.waitForRequest(
    (request) => /\/gallery.*_rsc=/.test(request.url()) && !request.headers()['next-router-prefetch'],
  )
  await (await openPhoto(page, 1)).getByRole('button', { name: /^Use this photo/ }).click()
  await refreshRequest
  await expect(cards(page).first()).toHaveAttribute('id', older as string)
  const second = page.waitForResponse((answer) => answer.request().method() === 'PUT')
  await page.getByRole('button', { name: /^Use again/ }).click()
  expect((await second).status()).toBe(200)
  pass()
  await expect(page).toHaveTitle(newTitle)
  await expect(cards(page).first()).toHaveAttribute('id', newest as string)
  expectUnknownActions(witness)
})

test('signing in and out works on the new build', async ({ page, builds, witness }) => {
  await page.goto('/upload')
  builds.serve('new')
  await signIn(page)
  builds.serve('old')
  await page.goto('/upload')
  await loadEditor(page)
  builds.serve('new')
  await forgetBrowser(page)
  expectUnknownActions(witness)
  // The new build does not have the chunks that the page loads ahead.
  expectMissingParts(witness)
})

test('a selection stays during changes in other tabs and can be deleted', async ({
  page,
  context,
  builds,
  witness,
}) => {
  await begin(page)
  await addPhoto(page, await portrait())
  await addPhoto(page, await variety.landscape())
  await page.getByRole('button', { name: 'Select', exact: true }).click()
  for (const at of [0, 1]) await cards(page).nth(at).getByRole('checkbox').check()
  builds.serve('new')
  const change = changeFromOtherTab(page)
  const other = await context.newPage()
  await addPhoto(other, await portrait())
  await change
  const selection = page.getByRole('region', { name: 'Selection' })
  await expect(selection).toContainText('2 selected')
  await selection.getByRole('button', { name: 'Delete' }).click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Delete 2 photos' }).click()
  // The postponed refresh happens now and shows the other tab's photo.
  await expect(page).toHaveTitle(newTitle)
  await expect(cards(page)).toHaveCount(1)
  expectUnknownActions(witness)
  // The new build does not have the chunks that the page loads ahead.
  expectMissingParts(witness)
})

test('every step works behind HAProxy while hosts of both builds serve', async ({ page, builds, witness }) => {
  test.skip(missingHaproxyPrograms().length > 0 && !process.env.CI, 'HAProxy is not installed')
  test.setTimeout(240_000)
  await begin(page)
  await builds.serveBoth()
  // A reload caused by the other build may interrupt this navigation.
  const open = (path: string) => expect(async () => void (await page.goto(path))).toPass()
  for (let count = 1; count <= 4; count += 1) {
    await open('/upload')
    await page.getByLabel('Choose a photo').setInputFiles(await portrait())
    await page.waitForURL(/\/crop\/\w/)
    await editorReady(page)
    await apply(page)
    await save(page)
    await expect(cards(page)).toHaveCount(count)
  }
  await open('/upload')
  await forgetBrowser(page)
  expect(new Set(witness.servedBy)).toEqual(new Set(['old', 'new']))
  expectUnknownActions(witness)
})

/** Counts full page loads from now on. */
function countLoads(page: Page): { loads: number } {
  const count = { loads: 0 }
  page.on('request', (request) => {
    if (request.isNavigationRequest() && request.frame() === page.mainFrame()) count.loads += 1
  })
  return count
}

test('a page whose chunks are gone with the old build reloads once at its address', async ({
  page,
  builds,
  witness,
}) => {
  await begin(page)
  // The old host answers the page's data, and is gone before the browser requests its chunks.
  await page.route(/\/gallery.*_rsc=/, async (route) => {
    const answer = await route.fetch()
    if (!route.request().headers()['next-router-prefetch']) builds.serve('new')
    await route.fulfill({ response: answer })
  })
  const count = countLoads(page)
  await page.getByRole('navigation').getByRole('link', { name: 'Your photos' }).click()
  await expect(page.getByRole('heading', { name: 'No photos yet' })).toBeVisible()
  await expect(page).toHaveTitle(newTitle)
  expect(new URL(page.url()).pathname).toBe('/gallery')
  expect(count.loads).toBe(1)
  expectMissingParts(witness)
})

test('a document whose scripts are gone with the old build reloads once and works', async ({
  page,
  builds,
  witness,
}) => {
  await page.route('**/upload', async (route) => {
    const answer = await route.fetch()
    builds.serve('new')
    await route.fulfill({ response: answer })
  })
  const count = countLoads(page)
  await begin(page)
  await expect(page).toHaveTitle(newTitle)
  expect(count.loads).toBe(2)
  expectMissingParts(witness)
})

test('a permanently broken build reloads once and offers to reload', async ({ page, witness }) => {
  await begin(page)
  const scripts = /\/_next\/static\/.*\.js/
  await page.route(scripts, (route) => route.fulfill({ status: 404 }))
  const count = countLoads(page)
  await page.getByRole('navigation').getByRole('link', { name: 'Your photos' }).click()
  await expect(page.getByRole('alert').getByRole('link', { name: 'Reload' })).toBeVisible()
  expect(new URL(page.url()).pathname).toBe('/gallery')
  expect(count.loads).toBe(1)
  await page.unroute(scripts)
  await page.getByRole('alert').getByRole('link', { name: 'Reload' }).click()
  await expect(page.getByRole('heading', { name: 'No photos yet' })).toBeVisible()
  await expect(page.getByRole('alert').getByRole('link', { name: 'Reload' })).toBeHidden()
  await forgetBrowser(page)
  expectMissingParts(witness)
})

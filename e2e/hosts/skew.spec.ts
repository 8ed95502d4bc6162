import type { Page } from 'playwright/test'
import { apply, begin, cards, editorReady, putUp, save, signIn } from '@/e2e/person'
import { portrait, variety } from '@/e2e/photos'
import { expect, expectOnly, type Witness } from '@/e2e/test'
import { test } from './two-builds'

/** What the browser writes into its console about an action that the host does not know. */
const expectUnknownActions = (witness: Witness) => expectOnly(witness, '409')

/** Whether the page before the person is of the new build. */
const isNew = (page: Page) => page.getByRole('banner').getByRole('link', { name: 'anyhost, new' })

const openMenu = (page: Page, at = 0) =>
  cards(page)
    .nth(at)
    .getByRole('button', { name: /^More for picture/ })
    .click()

test('with the upload page open, a picture is put up in three steps on hosts of the new build, and nobody notices', async ({
  page,
  builds,
  witness,
}) => {
  await begin(page)
  await builds.leadTo('new')
  await page.getByLabel('Choose a picture').setInputFiles(await portrait())
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
  await context.setOffline(true)
  await page.getByLabel('Choose a picture').setInputFiles(await portrait())
  await expect(page.getByText('You are offline. “portrait.jpg” is still here')).toBeVisible()
  await builds.leadTo('new')
  await context.setOffline(false)
  await page.waitForURL(/\/crop\//)
  await editorReady(page)
  expectUnknownActions(witness)
  expectOnly(witness, 'ERR_INTERNET_DISCONNECTED')
})

test('with a crop half done, its frame stays, and one press saves it', async ({ page, builds, witness }) => {
  await begin(page)
  await page.getByLabel('Choose a picture').setInputFiles(await variety.landscape())
  await page.waitForURL(/\/crop\//)
  await editorReady(page)
  for (const name of ['Zoom in', 'Rotate 90° right', 'Move picture left']) {
    await page.getByRole('button', { name }).click()
  }
  await builds.leadTo('new')
  await apply(page)
  const left = new URL(page.url()).searchParams
  await page.getByRole('button', { name: 'Save', exact: true }).click()
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

test('in the gallery each press does what it did', async ({ page, builds, witness }) => {
  await begin(page)
  await putUp(page, await portrait())
  await putUp(page, await variety.landscape())
  const onOldPage = async (act: () => Promise<void>) => {
    await builds.leadTo('old')
    await page.goto('/gallery')
    await expect(cards(page)).not.toHaveCount(0)
    await expect(isNew(page)).toHaveCount(0)
    await builds.leadTo('new')
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
    await page.getByRole('alertdialog').getByRole('button', { name: 'Delete 2 pictures' }).click()
    await expect(page.getByRole('heading', { name: 'No pictures yet' })).toBeVisible()
    await expect(isNew(page)).toBeVisible()
    await expect(page.getByRole('heading', { name: 'No pictures yet' })).toBeVisible()
  })
  expectUnknownActions(witness)
})

test('signing in and out goes on', async ({ page, builds, witness }) => {
  await page.goto('/upload')
  await builds.leadTo('new')
  await signIn(page)
  await builds.leadTo('old')
  await page.goto('/gallery')
  await builds.leadTo('new')
  await page.getByRole('button', { name: 'Sign out' }).click()
  await expect(page.getByRole('button', { name: 'Continue as a guest' })).toBeVisible()
  expectUnknownActions(witness)
})

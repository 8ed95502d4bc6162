import type { Page } from 'playwright/test'
import { findViolations } from './find-violations'
import { addPhoto, apply, begin, cards, editorReady, openPhoto, save, upload } from './person'
import { portrait, variety } from './photos'
import { expect, test } from './test'

const keepOriginal = (page: Page) => page.getByRole('switch', { name: 'Keep the original to crop it again' })

test('a photo saved by keyboard without its original cannot be cropped again', async ({ page, request }) => {
  await begin(page)
  await upload(page, await portrait())
  // Shows the file from the store.
  await page.reload()
  const source = await page.locator('img.reactEasyCrop_Image').getAttribute('src')
  expect((await request.get(source as string)).status()).toBe(200)
  await apply(page)
  await expect(keepOriginal(page)).toBeChecked()
  await expect(keepOriginal(page)).toHaveAccessibleDescription(/^Only you can open it.*no location/)
  for (let step = 0; step < 60; step += 1) {
    if (await keepOriginal(page).evaluate((element) => element === document.activeElement)) break
    await page.keyboard.press('Tab')
  }
  await expect(keepOriginal(page)).toBeFocused()
  await page.keyboard.press('Space')
  await expect(keepOriginal(page)).not.toBeChecked()
  await page.keyboard.press('Tab')
  await expect(page.getByRole('button', { name: 'Save photo' })).toBeFocused()
  await page.keyboard.press('Enter')
  await page.waitForURL(/\/gallery/)

  await expect(cards(page)).toHaveCount(1)
  const sheet = await openPhoto(page)
  await expect(sheet).toContainText('You did not keep the original, so you cannot crop this photo again.')
  await expect(sheet.getByRole('button', { name: /^Crop again/ })).toHaveCount(0)
  await expect(sheet.getByRole('link')).toHaveText(['Download'])
  expect(await findViolations(page)).toEqual([])
  // The uploaded file is erased.
  expect((await request.get(source as string)).status()).toBe(404)
})

test('the keep-original choice survives reload, another tab and going back to editing', async ({ page, context }) => {
  await begin(page)
  await addPhoto(page, await variety.landscape())
  await page.goto('/upload')
  await upload(page, await portrait())
  await apply(page)
  await keepOriginal(page).uncheck()
  await expect.poll(() => new URL(page.url()).searchParams.get('original')).toBe('no')
  await page.reload()
  await expect(keepOriginal(page)).not.toBeChecked()
  await page.getByRole('button', { name: 'Back to editing' }).click()
  await editorReady(page)
  await apply(page)
  await expect(keepOriginal(page)).not.toBeChecked()

  const tab = await context.newPage()
  await tab.goto(page.url())
  await expect(keepOriginal(tab)).not.toBeChecked()
  await save(tab)
  await expect(cards(tab)).toHaveCount(2)
  await expect((await openPhoto(tab, 0)).getByRole('button', { name: /^Crop again/ })).toHaveCount(0)
  await tab.keyboard.press('Escape')
  await expect((await openPhoto(tab, 1)).getByRole('link')).toHaveText(['Download', 'Download original'])
  await expect(tab.getByRole('dialog').getByRole('button', { name: /^Crop again/ })).toBeVisible()
  await tab.keyboard.press('Escape')
  await tab.getByRole('button', { name: 'Select', exact: true }).click()
  await tab.getByRole('button', { name: 'Select all' }).click()
  await tab.getByRole('region', { name: 'Selection' }).getByRole('button', { name: 'Delete' }).click()
  await expect(tab.getByRole('alertdialog')).toContainText('The original is deleted too. This cannot be undone.')
})

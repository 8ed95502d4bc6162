import type { Page } from 'playwright/test'
import { cards, editorReady, signIn, transfer } from './person'
import { portrait, variety } from './photos'
import { holdUploads } from './slow-uploads'
import { expect, test } from './test'

const unsaved = (page: Page) => page.getByRole('region', { name: 'Photo that is not saved yet' })

test('U38: outside the editor, a photo that is not saved waits on every page', async ({ page }) => {
  await page.goto('/')
  await signIn(page)
  await page.goto('/gallery', { waitUntil: 'networkidle' })
  const release = await holdUploads(page)
  await transfer(page, 'paste', await portrait())
  await page.getByRole('button', { name: 'Rotate 90° right' }).click()
  // Sooner than the edit is in the address.
  await page.goBack()
  await expect(unsaved(page)).toContainText('portrait.jpg')
  await expect(unsaved(page).getByRole('progressbar')).toBeVisible()
  await page.getByRole('main').getByRole('link', { name: 'Add a photo' }).click()
  await page.waitForURL(/\/upload/)

  // Another photo replaces it only after a question.
  const question = page.getByRole('alertdialog', { name: 'Use this photo instead?' })
  await page.getByLabel('Choose a photo').setInputFiles(await variety.landscape())
  await expect(question).toContainText('“portrait.jpg”, which is not saved yet')
  await expect(page.getByText('Checking…')).toBeVisible()
  await question.getByRole('button', { name: 'Keep the other photo' }).click()
  await expect(unsaved(page)).toContainText('portrait.jpg')
  await release()
  await expect(unsaved(page)).toContainText('Not saved yet.')
  await expect(page.getByRole('status').filter({ hasText: 'Uploaded. portrait.jpg is not saved yet.' })).toBeAttached()

  // By keyboard, to the editor with its edits.
  await unsaved(page).getByRole('button', { name: 'Open' }).press('Enter')
  await page.waitForURL(/\/crop\/a/)
  await editorReady(page)
  expect(new URL(page.url()).searchParams.get('rotate')).toBe('90')
  await expect(unsaved(page)).toHaveCount(0)
  await page.getByRole('button', { name: 'Save photo' }).click()
  await page.waitForURL(/\/gallery/)
  await expect(cards(page)).toHaveCount(1)
  await expect(unsaved(page)).toHaveCount(0)
  // Once it is saved, another photo replaces nothing.
  await transfer(page, 'paste', await variety.landscape())
  await editorReady(page)
})

test('U38: a photo outside the editor can be discarded, and says that its upload has stopped', async ({ page }) => {
  await page.goto('/')
  const release = await holdUploads(page)
  await page.getByLabel('Choose a photo').setInputFiles(await portrait())
  await page.getByRole('button', { name: 'Cancel upload' }).click()
  await page.goBack()
  await expect(unsaved(page)).toContainText('The upload has stopped.')
  await unsaved(page).getByRole('button', { name: 'Open' }).click()
  await expect(page.getByRole('button', { name: 'Try again' })).toBeVisible()
  // Back leads to the page where the person opened it.
  await page.getByRole('button', { name: 'Cancel', exact: true }).click()
  await page.waitForURL((url) => url.pathname === '/')
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
  await expect(unsaved(page)).toHaveCount(0)

  await page.getByLabel('Choose a photo').setInputFiles(await portrait())
  await expect(page.getByRole('progressbar')).toBeVisible()
  await page.goBack()
  await unsaved(page).getByRole('button', { name: 'Discard' }).press('Enter')
  await expect(unsaved(page)).toHaveCount(0)
  await expect(page.getByRole('heading', { level: 1 })).toBeFocused()
  await release()
  await page.getByLabel('Choose a photo').setInputFiles(await variety.landscape())
  await page.waitForURL(/\/crop\/a/)
})

import type { Page } from 'playwright/test'
import { alertSaying, apply, cards, deletePhoto, editorReady, forgetBrowser, openPhoto, save, upload } from './person'
import { notQuite, portrait } from './photos'
import { expect, test } from './test'

/**
 * Translates the page as Chromium does: replaces every text node, also later ones, by a new one in two `<font>`
 * elements. React keeps references to the old nodes.
 * @returns a function that returns the texts that share their element with other nodes, which React may then lose
 */
async function translatePage(page: Page): Promise<() => Promise<string[]>> {
  const shared = await page.evaluateHandle(() => {
    const found: string[] = []
    const translate = () => {
      const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
      const nodes: Text[] = []
      while (texts.nextNode()) nodes.push(texts.currentNode as Text)
      for (const node of nodes) {
        const parent = node.parentElement as Element
        if (!node.data.trim() || parent.closest('script, style, font, textarea, option')) continue
        if (parent.childNodes.length > 1) found.push(`<${parent.tagName}> ${node.data}`)
        const [outer, inner] = [document.createElement('font'), document.createElement('font')]
        inner.append(node.data)
        outer.append(inner)
        node.replaceWith(outer)
      }
    }
    translate()
    new MutationObserver(translate).observe(document.body, { subtree: true, childList: true, characterData: true })
    return found
  })
  return () => shared.jsonValue()
}

test('U30: every step works on a page that the browser translates', async ({ page }) => {
  await page.goto('/', { waitUntil: 'networkidle' })
  const textsBesideElements = await translatePage(page)

  await page.getByLabel('Choose a photo').setInputFiles(notQuite.pdf())
  await expect(alertSaying(page, 'really-a-pdf.jpg')).toBeVisible()
  await upload(page, await portrait())
  await page.getByRole('button', { name: 'Zoom in' }).click()
  await apply(page)
  await page.getByRole('button', { name: 'Back to editing' }).click()
  await editorReady(page)
  await page.getByRole('button', { name: 'Tilt right' }).click()
  await expect(page.getByText('0.5°', { exact: true })).toBeVisible()
  await page.getByRole('button', { name: 'Cancel' }).click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Keep editing' }).click()
  await apply(page)
  await save(page)

  const card = cards(page).first()
  await card.getByRole('button', { name: /^Stop using/ }).click()
  await expect(page.getByText('No profile photo is in use, so we show your initials.')).toBeVisible()
  const sheet = await openPhoto(page)
  await sheet.getByLabel('Description').fill('M'.repeat(170))
  await expect(page.getByText('30 characters left')).toBeVisible()
  await sheet.getByLabel('Description').fill('Me')
  await page.keyboard.press('Enter')
  await expect(sheet.getByRole('button', { name: 'Saved' })).toBeVisible()
  await sheet.getByRole('button', { name: /^Use this photo/ }).click()
  await expect(card.getByRole('img', { name: 'Me' })).toBeVisible()
  await page.getByRole('button', { name: 'Select', exact: true }).click()
  await page.getByRole('button', { name: 'Select all' }).click()
  await expect(page.getByText('1 selected')).toBeVisible()
  await page.getByRole('button', { name: 'Done' }).click()
  await deletePhoto(page)
  await expect(page.getByRole('heading', { name: 'No photos yet' })).toBeVisible()
  // React cannot remove or update such a text once it is translated.
  expect(await textsBesideElements()).toEqual([])
  await forgetBrowser(page)
})

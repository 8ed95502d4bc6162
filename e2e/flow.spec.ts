import type { Page } from 'playwright/test'
import { storeOrigin } from './addresses'
import { alertSaying, cards, editorReady, holdOver, openPhoto, signIn, transfer } from './person'
import { notQuite, portrait, variety } from './photos'
import { holdUploads } from './slow-uploads'
import { expect, expectOnly, test } from './test'

const saveButton = (page: Page) => page.getByRole('button', { name: 'Save photo' })

test('U32, U33: a new visitor saves a photo with two clicks: choose and save', async ({ page }) => {
  await page.goto('/')
  await expect(page.getByText('No account needed. This browser remembers your photos.')).toBeVisible()
  const [chooser] = await Promise.all([
    page.waitForEvent('filechooser'),
    page.getByText('Choose a photo', { exact: true }).click(),
  ])
  await chooser.setFiles(await portrait())
  await saveButton(page).click()
  await page.waitForURL(/\/gallery/)
  await expect(cards(page)).toHaveCount(1)
})

test('U31: the editor opens before the upload has ended, and keeps its edits when it has', async ({ page }) => {
  await page.goto('/')
  const release = await holdUploads(page)
  await page.getByLabel('Choose a photo').setInputFiles(await variety.phone())
  await expect(page.getByRole('progressbar')).toBeVisible()
  await expect(page.getByRole('application', { name: 'Crop editor' })).toBeVisible()
  expect(new URL(page.url()).pathname).toBe('/crop')
  await page.getByRole('button', { name: 'Rotate 90° right' }).click()
  const editor = await page.getByRole('application').elementHandle()
  await release()
  await page.waitForURL(/\/crop\/a/)
  await expect(page.getByRole('progressbar')).toHaveCount(0)
  // The same editor, with its undo, not a new one.
  expect(await editor?.evaluate((element) => element.isConnected)).toBe(true)
  await expect(page.getByRole('button', { name: 'Undo' })).toBeEnabled()
  await expect.poll(() => new URL(page.url()).searchParams.get('rotate')).toBe('90')
  await saveButton(page).click()
  await page.waitForURL(/\/gallery/)
})

test('U34: Save waits for the upload and can be stopped', async ({ page }) => {
  await page.goto('/')
  const release = await holdUploads(page)
  await page.getByLabel('Choose a photo').setInputFiles(await portrait())
  await saveButton(page).click()
  const waiting = page.getByRole('status').filter({ hasText: 'Your photo is still uploading.' })
  await expect(waiting).toBeVisible()
  await page.getByRole('button', { name: 'Stop' }).click()
  await expect(waiting).toHaveCount(0)
  await expect(saveButton(page)).toBeFocused()

  await saveButton(page).click()
  await expect(waiting).toBeVisible()
  await release()
  await page.waitForURL(/\/gallery/)
  await expect(cards(page)).toHaveCount(1)
})

test('U32: two tabs without a session become one guest', async ({ page, context }) => {
  const other = await context.newPage()
  for (const tab of [page, other]) await tab.goto('/')
  for (const tab of [page, other]) {
    await tab.getByLabel('Choose a photo').setInputFiles(await portrait())
    await saveButton(tab).click()
    await tab.waitForURL(/\/gallery/)
  }
  await expect(cards(other)).toHaveCount(2)
})

test('U1, U31: a file dropped or pasted on any page opens the editor', async ({ page }) => {
  const photo = await portrait()
  await page.goto('/gallery?collection=covers', { waitUntil: 'networkidle' })
  const overlay = page.getByText('Drop to use as your cover')
  const endDrag = await holdOver(page, photo)
  await expect(overlay).toBeVisible()
  // The overlay stays during the drag, and disappears with it, even if the page gets no word of its end.
  await page.waitForTimeout(1_000)
  await expect(overlay).toBeVisible()
  await endDrag()
  await expect(overlay).toHaveCount(0)
  await transfer(page, 'drop', photo)
  await expect(page.getByRole('heading', { name: 'Crop your cover' })).toBeVisible()

  await page.goto('/gallery', { waitUntil: 'networkidle' })
  await transfer(page, 'paste', photo)
  await expect(page.getByRole('heading', { name: 'Crop your photo' })).toBeVisible()
})

test('U36: another file in the editor replaces the photo only after a question', async ({ page }) => {
  await page.goto('/')
  await page.getByLabel('Choose a photo').setInputFiles(await portrait())
  await page.waitForURL(/\/crop\/a/)
  const first = page.url()
  const dialog = page.getByRole('alertdialog', { name: 'Use this photo instead?' })
  await transfer(page, 'paste', await variety.landscape())
  await dialog.getByRole('button', { name: 'Keep editing' }).click()
  expect(page.url()).toBe(first)
  // A file that cannot be used is named, and asks nothing.
  await transfer(page, 'paste', notQuite.pdf())
  await expect(alertSaying(page, 'really-a-pdf.jpg')).toBeVisible()

  await transfer(page, 'paste', await variety.landscape())
  await dialog.getByRole('button', { name: 'Use new photo' }).click()
  await expect.poll(() => page.url()).not.toBe(first)
  await page.waitForURL(/\/crop\/a/)
  await editorReady(page)
})

test('U36: a photo that replaces another opens with its own crop', async ({ page }) => {
  await page.goto('/')
  const release = await holdUploads(page)
  await page.getByLabel('Choose a photo').setInputFiles(await portrait())
  await page.getByRole('button', { name: 'Rotate 90° right' }).click()
  await transfer(page, 'paste', await variety.landscape())
  const confirm = page.getByRole('button', { name: 'Use new photo' })
  await expect(confirm).toBeVisible()
  await release()
  await page.waitForURL(/\/crop\/a/)
  const first = new URL(page.url()).pathname
  await confirm.click()
  await page.waitForURL((url) => /\/crop\/a/.test(url.pathname) && url.pathname !== first)
  await editorReady(page)
  expect(new URL(page.url()).searchParams.get('rotate')).toBeNull()
  await saveButton(page).click()
  await page.waitForURL(/\/gallery/)
  await expect(cards(page)).toHaveCount(1)
})

test('U34: Save that waits for the upload goes on when the network is back', async ({ page, context, witness }) => {
  await page.goto('/')
  await holdUploads(page)
  await page.getByLabel('Choose a photo').setInputFiles(await portrait())
  await saveButton(page).click()
  await context.setOffline(true)
  await expect(alertSaying(page, 'You are offline.')).toBeVisible()
  await expect(page.getByRole('button', { name: 'Stop', exact: true })).toBeVisible()
  await page.unrouteAll({ behavior: 'ignoreErrors' })
  await context.setOffline(false)
  await page.waitForURL(/\/gallery/)
  await expect(cards(page)).toHaveCount(1)
  expectOnly(witness, 'ERR_INTERNET_DISCONNECTED')
})

test('U39: the focus of "Cancel upload" moves to the heading when the upload arrives', async ({ page }) => {
  await page.goto('/')
  const release = await holdUploads(page)
  await page.getByLabel('Choose a photo').setInputFiles(await portrait())
  await page.getByRole('button', { name: 'Cancel upload' }).focus()
  await release()
  await page.waitForURL(/\/crop\/a/)
  await expect(page.getByRole('heading', { name: 'Crop your photo' })).toBeFocused()
})

test('U34: Save continues a cancelled upload', async ({ page }) => {
  await page.goto('/')
  const release = await holdUploads(page)
  await page.getByLabel('Choose a photo').setInputFiles(await portrait())
  await page.getByRole('button', { name: 'Cancel upload' }).click()
  await release()
  await saveButton(page).click()
  await page.waitForURL(/\/gallery/)
  await expect(cards(page)).toHaveCount(1)
})

test('U31: a photo opens although the network was gone when the code for it loaded', async ({ page, witness }) => {
  await page.clock.install()
  await page.goto('/', { waitUntil: 'networkidle' })
  const scripts = '**/_next/static/chunks/*.js*'
  await page.route(scripts, (route) => route.abort('internetdisconnected'))
  await page.getByLabel('Choose a photo').setInputFiles(await portrait())
  await expect(page.getByRole('button', { name: 'Reload' })).toBeVisible()
  await page.unroute(scripts)
  await page.getByLabel('Choose a photo').setInputFiles(await portrait())
  await editorReady(page)
  expectOnly(witness, 'ERR_INTERNET_DISCONNECTED')
})

test('U31: a rejected file is forgotten after the photo in the editor is saved', async ({ page }) => {
  await page.goto('/')
  await page.getByLabel('Choose a photo').setInputFiles(await portrait())
  await page.waitForURL(/\/crop\/a/)
  await transfer(page, 'paste', notQuite.pdf())
  await expect(alertSaying(page, 'really-a-pdf.jpg')).toBeVisible()
  await saveButton(page).click()
  await page.waitForURL(/\/gallery/)
  await expect(cards(page)).toHaveCount(1)
  await expect(page.getByText('really-a-pdf.jpg')).toHaveCount(0)
})

test('U31: a dialog takes no files, because it would lock the editor', async ({ page }) => {
  await page.goto('/')
  await signIn(page)
  await page.goto('/gallery', { waitUntil: 'networkidle' })
  await transfer(page, 'paste', await portrait())
  await saveButton(page).click()
  await page.waitForURL(/\/gallery/)
  await openPhoto(page)
  await transfer(page, 'drop', await portrait())
  await expect(page.getByRole('dialog')).toBeVisible()
  expect(new URL(page.url()).pathname).toBe('/gallery')
})

test('U31: a cover stays a cover in an editor without an upload, and after its reload', async ({ page }) => {
  await page.goto('/upload?collection=covers')
  const release = await holdUploads(page)
  await page.getByLabel('Choose a photo').setInputFiles(await variety.landscape())
  await page.getByRole('button', { name: 'Flip horizontally' }).click()
  await transfer(page, 'paste', await variety.phone())
  await page.getByRole('button', { name: 'Use new photo' }).click()
  await expect(page.getByRole('heading', { name: 'Crop your cover' })).toBeVisible()
  page.on('dialog', (dialog) => dialog.accept())
  await page.reload()
  await release()
  await page.getByLabel('Choose a photo').setInputFiles(await variety.phone())
  await page.waitForURL(/\/crop\/c/)
})

test('U35: Back and Forward move between start, editor and preview, each with its crop', async ({ page }) => {
  await page.goto('/')
  await page.getByLabel('Choose a photo').setInputFiles(await portrait())
  await page.waitForURL(/\/crop\/a/)
  const preview = page.getByRole('heading', { name: 'How it will look' })
  const rotation = () => new URL(page.url()).searchParams.get('rotate')
  await page.getByRole('button', { name: 'Rotate 90° right' }).click()
  await page.getByRole('button', { name: 'Preview' }).click()
  await expect(preview).toBeFocused()

  await page.goBack()
  await editorReady(page)
  await page.getByRole('button', { name: 'Rotate 90° right' }).click()
  await expect.poll(rotation).toBe('180')
  await page.goForward()
  await expect(preview).toBeVisible()
  expect(rotation()).toBe('90')
  await page.getByRole('button', { name: 'Back to editing' }).click()
  await editorReady(page)
  expect(rotation()).toBe('180')

  await page.goBack()
  await expect(page.getByLabel('Choose a photo')).toBeAttached()
  await page.goForward()
  await editorReady(page)
  expect(rotation()).toBe('180')
})

test('U35: Cancel returns to the page that the person came from', async ({ page }) => {
  await page.goto('/')
  await signIn(page)
  await page.goto('/gallery', { waitUntil: 'networkidle' })
  await transfer(page, 'paste', await portrait())
  await page.waitForURL(/\/crop\/a/)
  await editorReady(page)
  await page.getByRole('button', { name: 'Zoom in' }).click()
  await page.getByRole('button', { name: 'Cancel', exact: true }).click()
  const dialog = page.getByRole('alertdialog', { name: 'Leave without saving?' })
  await dialog.getByRole('button', { name: 'Leave' }).click()
  await page.waitForURL(/\/gallery/)
})

test('U35: after Cancel, no other editor opens while the next page loads', async ({ page }) => {
  await page.goto('/crop')
  await page.getByLabel('Choose a photo').setInputFiles(await portrait())
  await page.waitForURL(/\/crop\/a/)
  await expect(page.locator('[data-editor=stored]')).toBeVisible()
  const added = await page.evaluateHandle(() => {
    const elements: Element[] = []
    new MutationObserver((records) => {
      const nodes = records.flatMap(({ addedNodes }) => [...addedNodes])
      elements.push(...nodes.filter((node) => node instanceof Element))
    }).observe(document, { subtree: true, childList: true })
    return elements
  })
  await page.getByRole('button', { name: 'Cancel', exact: true }).click()
  await page.waitForURL((url) => url.pathname === '/')
  await expect(page.getByRole('heading', { name: 'Your photo, well framed.' })).toBeVisible()
  const editors = '[data-editor], :has([data-editor])'
  expect(
    await added.evaluate((elements, editors) => elements.filter((one) => one.matches(editors)).length, editors),
  ).toBe(0)
})

test('U35: the preview shows the drafts from the store in light and dark', async ({ page }) => {
  await page.goto('/')
  await page.getByLabel('Choose a photo').setInputFiles(await portrait())
  await page.waitForURL(/\/crop\/a/)
  await page.getByRole('button', { name: 'Preview' }).click()
  for (const name of ['Your photo on a light page', 'Your photo on a dark page']) {
    const picture = page.getByRole('img', { name })
    await expect(picture).toBeVisible()
    expect(new URL((await picture.getAttribute('src')) as string).origin).toBe(storeOrigin)
    await expect.poll(() => picture.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThan(0)
  }
  const canvases = await page
    .locator('figure')
    .evaluateAll((figures) => figures.map((figure) => getComputedStyle(figure).backgroundColor))
  expect(new Set(canvases).size).toBe(2)
})

test('U31: a reload before the upload has ended asks for the photo again', async ({ page }) => {
  await page.goto('/')
  await holdUploads(page)
  await page.getByLabel('Choose a photo').setInputFiles(await portrait())
  await expect(page.getByRole('progressbar')).toBeVisible()
  page.on('dialog', (dialog) => dialog.accept())
  await page.reload()
  await expect(page.getByRole('heading', { name: 'Choose your photo again' })).toBeVisible()
  await page.unrouteAll()
  await page.getByLabel('Choose a photo').setInputFiles(await portrait())
  await page.waitForURL(/\/crop\/a/)
})

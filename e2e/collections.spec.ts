import type { Page } from 'playwright/test'
import sharp from 'sharp'
import { findViolations } from './find-violations'
import { addPhoto, apply, begin, cards, editorReady, openPhoto, save, upload } from './person'
import { portrait, variety } from './photos'
import { expect, expectOnly, test } from './test'

/** Opens another collection's gallery and waits until it is shown. */
async function openGallery(page: Page, kind: 'Profile photos' | 'Covers'): Promise<void> {
  await kinds(page).getByRole('link', { name: kind }).click()
  await expect(page.getByRole('heading', { name: kind === 'Covers' ? 'Your covers' : 'Your photos' })).toBeVisible()
}

const kinds = (page: Page) => page.getByRole('navigation', { name: 'Photo types' })

/** Returns the format and size of the image at a URL. */
async function formatOf(page: Page, url: string): Promise<string> {
  const { format, width, height } = await sharp(await (await page.request.get(url)).body()).metadata()
  return `${format} ${width}×${height}`
}

test('a cover is saved at 3:1 in three steps and appears only in the gallery of covers', async ({ page }) => {
  await begin(page)
  await kinds(page).getByRole('link', { name: 'Covers' }).click()
  await expect(page.getByRole('heading', { name: 'Upload a cover' })).toBeVisible()
  await expect(kinds(page).getByRole('link', { name: 'Covers' })).toHaveAttribute('aria-current', 'page')
  expect(await upload(page, await variety.phone())).toMatch(/^c/)
  const area = async () => new URL(page.url()).searchParams.get('area')?.split(',').map(Number) ?? []
  await apply(page)
  const [, , width = 0, height = 0] = await area()
  expect(width / height).toBeCloseTo(3, 2)
  await expect(page.getByRole('img', { name: 'Your cover on a dark page' })).toBeVisible()
  await save(page)

  await expect(page).toHaveURL(/\/gallery\?collection=covers$/)
  await expect(cards(page)).toHaveCount(1)
  await expect(cards(page)).toContainText('In use')
  const src = (await cards(page).getByRole('img').getAttribute('src')) as string
  expect(src).toContain('1500x500.webp')
  expect(await formatOf(page, src)).toBe('webp 1500×500')
  const box = await cards(page).getByRole('img').boundingBox()
  expect((box?.width ?? 0) / (box?.height ?? 1)).toBeCloseTo(3, 1)
  // The header shows avatars only.
  await expect(page.getByRole('banner').getByRole('img', { name: /^Initials/ })).toBeVisible()

  await kinds(page).getByRole('link', { name: 'Profile photos' }).click()
  await expect(page).toHaveURL(/\/gallery$/)
  await expect(page.getByRole('heading', { name: 'No photos yet' })).toBeVisible()
})

test('each collection has its own current image, and "Crop again" stays in it', async ({ page }) => {
  await begin(page, 'covers')
  await addPhoto(page, await variety.phone(), 'covers')
  await addPhoto(page, await portrait())
  const banner = page.getByRole('banner').getByRole('img', { name: 'Your profile photo' })
  const avatar = (await banner.getAttribute('src')) as string

  await openGallery(page, 'Covers')
  await (await openPhoto(page)).getByRole('button', { name: /^Crop again/ }).click()
  await page.waitForURL(/\/crop\/c/)
  await editorReady(page)
  await apply(page)
  await save(page)
  await expect(page).toHaveURL(/\/gallery\?collection=covers$/)
  await expect(cards(page)).toHaveCount(2)
  await expect(cards(page).nth(0)).toContainText('In use')

  await cards(page)
    .nth(0)
    .getByRole('button', { name: /^Stop using/ })
    .click()
  await expect(page.getByRole('status').filter({ hasText: 'You have no cover now' })).toBeAttached()
  await expect(cards(page).getByText('In use', { exact: true })).toHaveCount(0)
  await expect(banner).toHaveAttribute('src', avatar)

  await (await openPhoto(page, 1)).getByRole('button', { name: /^Use this photo/ }).click()
  await expect(cards(page).first()).toContainText('In use')
  await (await openPhoto(page)).getByRole('button', { name: /^Delete/ }).click()
  await expect(page.getByText('Cover deleted. You have no cover until you choose another.')).toBeVisible()
  await expect(cards(page)).toHaveCount(1)

  await openGallery(page, 'Profile photos')
  await expect(cards(page)).toHaveCount(1)
  await expect(cards(page)).toContainText('In use')
  await expect(banner).toHaveAttribute('src', avatar)
})

test('every link and button keeps the collection', async ({ page }) => {
  const nav = page.getByRole('navigation', { name: 'Main' })
  await begin(page, 'covers')
  await nav.getByRole('link', { name: 'Your covers' }).click()
  await expect(page.getByRole('heading', { name: 'No covers yet' })).toBeVisible()
  await expect(nav.getByRole('link', { name: 'Your covers' })).toHaveAttribute('aria-current', 'page')
  await page.getByRole('main').getByRole('link', { name: 'Add a cover' }).click()
  await expect(page.getByRole('heading', { name: 'Upload a cover' })).toBeVisible()

  await upload(page, await variety.phone())
  const crop = page.url()
  await page.getByRole('button', { name: 'Cancel' }).click()
  await expect(page).toHaveURL(/\/upload\?collection=covers$/)
  await expect(page.getByRole('heading', { name: 'Upload a cover' })).toBeVisible()

  await page.goto(crop)
  await editorReady(page)
  await apply(page)
  await save(page)
  // Save another crop of the same upload.
  await page.goto(crop)
  await editorReady(page)
  await page.getByRole('button', { name: 'Flip horizontally' }).click()
  await apply(page)
  await save(page)
  await expect(page).toHaveURL(/\/gallery\?collection=covers$/)
  await expect(cards(page)).toHaveCount(2)

  // A file rejected in one collection does not appear in another.
  await page.goto('/upload?collection=covers')
  await page
    .getByLabel('Choose a photo')
    .setInputFiles({ name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('hello') })
  await expect(page.getByRole('alert').filter({ hasText: 'notes.txt' })).toBeVisible()
  await kinds(page).getByRole('link', { name: 'Profile photos' }).click()
  await expect(page.getByRole('heading', { name: 'Upload a photo' })).toBeVisible()
  await expect(page.getByText('notes.txt')).toHaveCount(0)
})

test('an unknown collection is a 404 on every page', async ({ page, witness }) => {
  await begin(page)
  for (const path of ['/upload', '/gallery']) {
    for (const query of ['?collection=logos', '?collection=', '?collection=covers&collection=avatars']) {
      const response = await page.goto(path + query)
      expect(response?.status(), path + query).toBe(404)
      await expect(page.getByRole('heading', { name: 'Page not found' })).toBeVisible()
    }
  }
  expectOnly(witness, '404')
})

/** Opens every screen of covers in turn. */
async function everyScreen(page: Page, look: (screen: string) => Promise<void>): Promise<void> {
  await begin(page, 'covers')
  await look('upload')
  await page.goto('/gallery?collection=covers')
  await look('empty')
  await page.goto('/upload?collection=covers')
  await upload(page, await variety.phone())
  await expect(page.getByRole('application', { name: 'Crop editor' })).toBeVisible()
  await look('crop')
  await apply(page)
  await look('preview')
  await save(page)
  await look('gallery')
  await page.goto('/upload?collection=covers')
  await upload(page, await portrait())
  await expect(page.getByText('smaller than 1,500 × 500 pixels')).toBeVisible()
  await look('too small')
}

for (const colorScheme of ['light', 'dark'] as const) {
  test(`U23, U28: axe finds no violation on the screens of covers, ${colorScheme}`, {
    tag: colorScheme === 'dark' ? '@long' : [],
  }, async ({ page }) => {
    await page.emulateMedia({ colorScheme })
    await everyScreen(page, async (screen) => {
      expect(await findViolations(page), screen).toEqual([])
    })
  })
}

test('U23: no screen of covers scrolls sideways at 320 px', async ({ page }) => {
  await page.setViewportSize({ width: 320, height: 640 })
  await everyScreen(page, async (screen) => {
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    )
    expect(overflow, screen).toBeLessThanOrEqual(0)
  })
})

test('the collection can be chosen by keyboard and keeps the focus', async ({ page }) => {
  await begin(page)
  for (const [path, title] of [
    ['/upload', /^Upload a cover/],
    ['/gallery', /^Your covers/],
  ] as const) {
    await page.goto(path)
    await page.getByRole('main').focus()
    await page.keyboard.press('Tab')
    await expect(kinds(page).getByRole('link', { name: 'Profile photos' })).toBeFocused()
    await page.keyboard.press('Tab')
    await expect(kinds(page).getByRole('link', { name: 'Covers' })).toBeFocused()
    await page.keyboard.press('Enter')
    await expect(page).toHaveTitle(title)
    await expect(kinds(page).getByRole('link', { name: 'Covers' })).toHaveAttribute('aria-current', 'page')
    await expect(page.getByRole('heading', { name: /cover/ })).toBeVisible()
    await expect(kinds(page).getByRole('link', { name: 'Covers' })).toBeFocused()
  }
})

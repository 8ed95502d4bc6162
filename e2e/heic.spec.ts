import type { Page } from 'playwright/test'
import sharp from 'sharp'
import { brandOnly } from '@/lib/images/engine/test-support/avif'
import type { CropAnswer } from '@/lib/images/schema'
import { difference } from './compare'
import { type HeicPhoto, turnedHeic, wideGamutHeic } from './heic-files'
import { alertSaying, begin, editorReady, transfer, upload } from './person'
import { portrait } from './photos'
import { expect, test } from './test'

/** Uploads a photo and crops its middle square. @returns the square as saved, and as the photo shows it */
async function cropMiddle(page: Page, photo: HeicPhoto): Promise<{ saved: Buffer; shown: Buffer }> {
  const uploadId = await upload(page, photo)
  const { width, height } = await sharp(photo.shown).metadata()
  const side = Math.min(width, height)
  const area = { x: Math.floor((width - side) / 2), y: Math.floor((height - side) / 2), width: side, height: side }
  const answer = await page.request.post('/api/crop', {
    data: { uploadId, area },
    headers: { origin: new URL(page.url()).origin },
  })
  const crop: CropAnswer = await answer.json()
  expect(crop.source).toMatchObject({ width, height })
  const saved = await fetch(crop.variants[0]?.url as string)
  const shown = await sharp(photo.shown).extract({ left: area.x, top: area.y, width: side, height: side }).toBuffer()
  return { saved: Buffer.from(await saved.arrayBuffer()), shown }
}

test('U80: a HEIC photo is cropped upright where the browser cannot decode it', async ({ page }) => {
  await begin(page)
  const { saved, shown } = await cropMiddle(page, await turnedHeic())
  expect(await difference(saved, shown)).toBeLessThan(3)
  expect(await difference(saved, await sharp(shown).rotate(90).toBuffer())).toBeGreaterThan(10)
})

test('U80: a HEIC photo keeps its Display P3 colours', async ({ page }) => {
  await begin(page)
  const photo = await wideGamutHeic()
  const { saved, shown } = await cropMiddle(page, photo)
  expect(await difference(saved, shown)).toBeLessThan(2)
})

test('U81: the conversion of a HEIC photo is visible and can be cancelled', async ({ page }) => {
  let release = () => {}
  const released = new Promise<void>((resolve) => {
    release = resolve
  })
  await page.route(/libheif/, async (route) => {
    await released
    await route.abort()
  })
  await begin(page)
  await page.getByLabel('Choose a photo').focus()
  await page.getByLabel('Choose a photo').setInputFiles(await turnedHeic())
  await expect(page.getByRole('progressbar', { name: 'Conversion of IMG_0001.HEIC' })).toBeVisible()
  await expect(page.getByRole('status').filter({ hasText: 'Converting IMG_0001.HEIC to JPEG.' })).toBeAttached()
  await page.getByRole('button', { name: 'Cancel' }).click()
  await expect(page.getByLabel('Choose a photo')).toBeFocused()
  release()
  await expect(page.getByRole('alert').filter({ hasText: 'HEIC' })).toHaveCount(0)
})

test('U81: cancelling the conversion in the editor keeps the photo that was there', async ({ page }) => {
  await page.route(/libheif/, () => {})
  await begin(page)
  await upload(page, await portrait())
  await page.getByRole('button', { name: 'Rotate 90° right' }).click()
  const editor = await page.getByRole('application').elementHandle()
  await transfer(page, 'paste', await turnedHeic())
  await page.getByRole('button', { name: 'Use new photo' }).click()
  await expect(page.getByRole('progressbar', { name: 'Conversion of IMG_0001.HEIC' })).toBeVisible()
  await page.getByRole('main').getByRole('button', { name: 'Cancel' }).last().press('Enter')
  await expect(page.getByRole('progressbar')).toHaveCount(0)
  expect(await editor?.evaluate((element) => element.isConnected)).toBe(true)
  expect(await page.evaluate(() => document.activeElement !== document.body)).toBe(true)
  await expect(page.getByRole('button', { name: 'Undo' })).toBeEnabled()
})

test('U81: a HEIC photo replaces the one in the editor', async ({ page }) => {
  await begin(page)
  await upload(page, await portrait())
  const before = page.url()
  await transfer(page, 'paste', await turnedHeic())
  await page.getByRole('button', { name: 'Use new photo' }).click()
  await page.waitForURL((url) => /\/crop\/\w/.test(url.pathname) && url.href !== before)
  await editorReady(page)
})

test('U81: a HEIC photo that cannot be decoded leads to a request for a JPEG', async ({ page }) => {
  await begin(page)
  const buffer = brandOnly('heic')
  await page.getByLabel('Choose a photo').setInputFiles({ name: 'broken.heic', mimeType: 'image/heic', buffer })
  await expect(alertSaying(page, 'Choose a JPEG instead.')).toContainText('broken.heic')
})

test('U81: a HEIC photo whose decoder never answers leads to a request for a JPEG', async ({ page }) => {
  await page.clock.install()
  await page.route(/libheif/, () => {})
  await begin(page)
  const loading = page.waitForRequest(/libheif/)
  await page.getByLabel('Choose a photo').setInputFiles(await turnedHeic())
  await loading
  await page.clock.fastForward('01:01')
  await expect(alertSaying(page, 'Choose a JPEG instead.')).toContainText('IMG_0001.HEIC')
})

test('S24, U80: the decoder has its own policy, and the policy of pages stays the same', async ({ page }) => {
  const policies: { ofPages: string[]; ofWorkers: string[] } = { ofPages: [], ofWorkers: [] }
  page.on('response', (response) => {
    const policy = response.headers()['content-security-policy'] ?? ''
    if (response.request().isNavigationRequest()) policies.ofPages.push(policy)
    if (/turbopack-worker/.test(response.url())) policies.ofWorkers.push(policy)
  })
  await begin(page)
  await upload(page, await turnedHeic())
  expect(policies.ofWorkers.length).toBeGreaterThan(0)
  for (const policy of policies.ofWorkers) {
    expect(policy).toMatch(/^default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self';/)
  }
  expect(policies.ofPages.length).toBeGreaterThan(0)
  for (const policy of policies.ofPages) expect(policy).not.toMatch(/unsafe-eval|wasm/)
})

test('U80: pages load nothing of the HEIC decoder before it is needed', async ({ page }) => {
  const requests: string[] = []
  page.on('request', (request) => requests.push(request.url()))
  await begin(page)
  await page.waitForLoadState('networkidle')
  expect(requests.filter((url) => /heif|heic|worker/.test(url))).toEqual([])
})

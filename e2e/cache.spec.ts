import type { Page } from 'playwright/test'
import { apply, begin, cards, save, upload } from './person'
import { portrait } from './photos'
import { expect, test } from './test'

/** Opens the gallery. Returns the URLs of its images, and those that the browser fetched from the store. */
async function loadGallery(page: Page): Promise<{ shown: string[]; fetched: string[] }> {
  const session = await page.context().newCDPSession(page)
  await session.send('Network.enable')
  const fetched: string[] = []
  const inMemory = new Set<string>()
  session.on('Network.requestServedFromCache', ({ requestId }) => inMemory.add(requestId))
  session.on('Network.responseReceived', ({ requestId, response, type }) => {
    const isFetched = !response.fromDiskCache && !inMemory.has(requestId)
    if (type === 'Image' && isFetched) fetched.push(response.url)
  })
  await page.goto('/gallery')
  const image = cards(page).getByRole('img').first()
  await expect
    .poll(() => image.evaluate((element: HTMLImageElement) => element.complete && element.naturalWidth))
    .toBeTruthy()
  await page.waitForLoadState('networkidle')
  const shown = await page
    .locator('img')
    .evaluateAll((images) => images.map((image) => (image as HTMLImageElement).currentSrc))
  await session.detach()
  return { shown, fetched }
}

test('a reopened gallery on another host uses the same URLs and fetches no image', async ({ page, witness }) => {
  await begin(page)
  await upload(page, await portrait())
  await apply(page)
  await save(page)
  await page.goto('/')
  let [first, second] = [await loadGallery(page), await loadGallery(page)]
  // The signing window may have ended between the two. It cannot end twice.
  if (first.shown[0] !== second.shown[0]) [first, second] = [second, await loadGallery(page)]
  expect(first.shown.length).toBeGreaterThan(0)
  expect(second.shown).toEqual(first.shown)
  expect(second.fetched).toEqual([])
  expect(new Set(witness.servedBy).size).toBeGreaterThan(1)
})

test('an open gallery renews its URLs before they expire', async ({ page }) => {
  await begin(page)
  await upload(page, await portrait())
  await apply(page)
  await save(page)
  await page.clock.install()
  await page.goto('/gallery')
  await expect(cards(page)).toHaveCount(1)
  // Wait for hydration, which starts the page's timers.
  await expect(async () => {
    await page.getByRole('button', { name: 'Select', exact: true }).click({ timeout: 1_000 })
    await expect(page.getByRole('button', { name: 'Done' })).toBeVisible({ timeout: 1_000 })
  }).toPass()
  const requests: string[] = []
  page.on('request', (request) => {
    if (new URL(request.url()).pathname === '/api/images') requests.push(request.url())
  })
  await page.clock.runFor('09:00')
  expect(requests).toEqual([])
  const renewal = page.waitForResponse((response) => new URL(response.url()).pathname === '/api/images')
  await page.clock.runFor('02:00')
  expect((await renewal).status()).toBe(200)
  await expect(page.locator('main img').first()).toHaveJSProperty('complete', true)
})

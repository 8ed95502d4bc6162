import type { Page } from 'playwright/test'
import { apply, begin, cards, save, upload } from './person'
import { portrait } from './photos'
import { expect, test } from './test'

/** Pictures that the page shows, and those of them that the store was asked for. */
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
  const picture = cards(page).getByRole('img').first()
  await expect
    .poll(() => picture.evaluate((image: HTMLImageElement) => image.complete && image.naturalWidth))
    .toBeTruthy()
  await page.waitForLoadState('networkidle')
  const shown = await page
    .locator('img')
    .evaluateAll((images) => images.map((image) => (image as HTMLImageElement).currentSrc))
  await session.detach()
  return { shown, fetched }
}

test('opened again, on another host, the gallery shows what the browser has: the same addresses, no picture fetched', async ({
  page,
  witness,
}) => {
  await begin(page)
  await upload(page, await portrait())
  await apply(page)
  await save(page)
  await page.goto('/')
  let [first, second] = [await loadGallery(page), await loadGallery(page)]
  // A window of signing may have ended in between. The next one will not.
  if (first.shown[0] !== second.shown[0]) [first, second] = [second, await loadGallery(page)]
  expect(first.shown.length).toBeGreaterThan(0)
  expect(second.shown).toEqual(first.shown)
  expect(second.fetched).toEqual([])
  expect(new Set(witness.servedBy).size).toBeGreaterThan(1)
})

test('a gallery that stays open asks for new addresses before the old ones end', async ({ page }) => {
  await begin(page)
  await upload(page, await portrait())
  await apply(page)
  await save(page)
  await page.clock.install()
  await page.goto('/gallery')
  await expect(cards(page)).toHaveCount(1)
  // From when the page is alive: only then does its time begin to run.
  await expect(async () => {
    await page.getByRole('button', { name: 'Select', exact: true }).click({ timeout: 1_000 })
    await expect(page.getByRole('button', { name: 'Done' })).toBeVisible({ timeout: 1_000 })
  }).toPass()
  const asked: string[] = []
  page.on('request', (request) => {
    if (new URL(request.url()).pathname === '/api/images') asked.push(request.url())
  })
  await page.clock.runFor('09:00')
  expect(asked).toEqual([])
  const renewal = page.waitForResponse((response) => new URL(response.url()).pathname === '/api/images')
  await page.clock.runFor('02:00')
  expect((await renewal).status()).toBe(200)
  await expect(page.locator('main img').first()).toHaveJSProperty('complete', true)
})

import type { Locator } from 'playwright/test'
import sharp from 'sharp'
import { apply, begin, cards, save, upload } from './person'
import { movingGif, movingPng } from './photos'
import { expect, test } from './test'

const currentSrc = (image: Locator) => image.evaluate((element: HTMLImageElement) => element.currentSrc)

test('U24, U62: a moving photo moves through all steps, but not in the header', async ({ page, request }) => {
  await begin(page)
  await upload(page, await movingGif())
  await apply(page)
  await save(page)
  const card = cards(page).first().locator('img')
  const header = page.getByRole('banner').locator('img')
  const pages = async (image: Locator) => {
    const answer = await request.get(await currentSrc(image))
    return (await sharp(await answer.body()).metadata()).pages
  }
  await expect.poll(() => currentSrc(card)).toMatch(/\/\d+\.webp/)
  expect(await pages(card)).toBe(2)
  // The header has no control that would pause it (WCAG 2.2.2), neither after the save nor after a load.
  await expect.poll(() => currentSrc(header)).toMatch(/-poster\.webp/)
  await page.reload()
  await expect.poll(() => currentSrc(header)).toMatch(/-poster\.webp/)
  expect(await pages(header)).toBeUndefined()

  await page.emulateMedia({ reducedMotion: 'reduce' })
  await expect.poll(() => currentSrc(card)).toMatch(/-poster\.webp/)
  expect(await pages(card)).toBeUndefined()
})

test('U24: says that a moving PNG becomes a still photo', async ({ page }) => {
  await begin(page)
  await upload(page, await movingPng())
  await expect(page.getByText('“moving.png” moves. We use its first frame as a still photo.')).toBeVisible()
})

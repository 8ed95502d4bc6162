import type { Locator } from 'playwright/test'
import sharp from 'sharp'
import { apply, begin, cards, save, upload } from './person'
import { movingGif, movingPng } from './photos'
import { expect, test } from './test'

const currentSrc = (image: Locator) => image.evaluate((element: HTMLImageElement) => element.currentSrc)

test('U24: animations stay animated through all steps, and stop under reduced motion', async ({ page, request }) => {
  await begin(page)
  await upload(page, await movingGif())
  await apply(page)
  await save(page)
  const images = {
    card: cards(page).first().locator('img'),
    header: page.getByRole('banner').locator('img'),
  }
  for (const image of Object.values(images)) {
    await expect.poll(() => currentSrc(image)).toMatch(/\/\d+\.webp/)
    const answer = await request.get(await currentSrc(image))
    expect((await sharp(await answer.body()).metadata()).pages).toBe(2)
  }

  await page.emulateMedia({ reducedMotion: 'reduce' })
  for (const image of Object.values(images)) {
    await expect.poll(() => currentSrc(image)).toMatch(/\/\d+-poster\.webp/)
    const answer = await request.get(await currentSrc(image))
    expect((await sharp(await answer.body()).metadata()).pages).toBeUndefined()
  }
})

test('U24: says that a moving PNG becomes a still photo', async ({ page }) => {
  await begin(page)
  await upload(page, await movingPng())
  await expect(page.getByText('“moving.png” moves. We use its first frame as a still photo.')).toBeVisible()
})

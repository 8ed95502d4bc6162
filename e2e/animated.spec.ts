import type { Locator } from 'playwright/test'
import sharp from 'sharp'
import { apply, begin, cards, save, upload } from './person'
import { movingPng, type Photo } from './photos'
import { expect, test } from './test'

/** A GIF that alternates between red and blue forever. */
async function blinking(): Promise<Photo> {
  const frames = ['#e02020', '#2020e0'].map((background) =>
    sharp({ create: { width: 600, height: 600, channels: 3, background } })
      .raw()
      .toBuffer(),
  )
  const raw = { width: 600, height: 1200, channels: 3 as const, pageHeight: 600 }
  const image = sharp(Buffer.concat(await Promise.all(frames)), { raw })
  return {
    name: 'blinking.gif',
    mimeType: 'image/gif',
    buffer: await image.gif({ delay: [300, 300], loop: 0 }).toBuffer(),
  }
}

const currentSrc = (image: Locator) => image.evaluate((element: HTMLImageElement) => element.currentSrc)

test('U24: animations stay animated through all steps, and stop under reduced motion', async ({ page, request }) => {
  await begin(page)
  await upload(page, await blinking())
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

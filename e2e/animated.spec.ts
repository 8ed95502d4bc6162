import type { Locator } from 'playwright/test'
import sharp from 'sharp'
import { apply, begin, cards, save, upload } from './person'
import type { Photo } from './photos'
import { expect, test } from './test'

/** A GIF that goes from red to blue and back, for ever. */
async function blinking(): Promise<Photo> {
  const frames = ['#e02020', '#2020e0'].map((background) =>
    sharp({ create: { width: 600, height: 600, channels: 3, background } })
      .raw()
      .toBuffer(),
  )
  const raw = { width: 600, height: 1200, channels: 3 as const, pageHeight: 600 }
  const picture = sharp(Buffer.concat(await Promise.all(frames)), { raw })
  return {
    name: 'blinking.gif',
    mimeType: 'image/gif',
    buffer: await picture.gif({ delay: [300, 300], loop: 0 }).toBuffer(),
  }
}

const shown = (image: Locator) => image.evaluate((element: HTMLImageElement) => element.currentSrc)

test('U24: what moves keeps moving through crop, save and gallery, and stands still for who asked for less motion', async ({
  page,
  request,
}) => {
  await begin(page)
  await upload(page, await blinking())
  await apply(page)
  await save(page)
  const pictures = {
    card: cards(page).first().locator('img'),
    header: page.getByRole('banner').locator('img'),
  }
  for (const image of Object.values(pictures)) {
    await expect.poll(() => shown(image)).toMatch(/\/\d+\.webp/)
    const answer = await request.get(await shown(image))
    expect((await sharp(await answer.body()).metadata()).pages).toBe(2)
  }

  await page.emulateMedia({ reducedMotion: 'reduce' })
  for (const image of Object.values(pictures)) {
    await expect.poll(() => shown(image)).toMatch(/\/\d+-poster\.webp/)
    const answer = await request.get(await shown(image))
    expect((await sharp(await answer.body()).metadata()).pages).toBeUndefined()
  }
})

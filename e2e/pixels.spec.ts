import type { Page } from 'playwright/test'
import sharp from 'sharp'
import { difference } from './compare'
import { apply, begin, cards, save, upload } from './person'
import { oriented, type Photo, portrait, variety } from './photos'
import { expect, test } from './test'

/** Takes a screenshot of the editor's frame. */
async function screenshotFrame(page: Page): Promise<Buffer> {
  const frame = await page.getByTestId('cropper').boundingBox()
  if (!frame) throw new Error('the editor has no frame')
  // Hide the grid and border, which are drawn over the image.
  await page.addStyleTag({
    content:
      '[data-testid=cropper]::before,[data-testid=cropper]::after{display:none!important}[data-testid=cropper]{border-color:transparent!important}',
  })
  // A turn is animated.
  return page.screenshot({ clip: frame, animations: 'disabled' })
}

/** Downloads the largest variant of the newest saved image. */
async function downloadNewest(page: Page): Promise<Buffer> {
  const srcset = await cards(page).first().getByRole('img').getAttribute('srcset')
  const source = await cards(page).first().getByRole('img').getAttribute('src')
  const largest =
    srcset
      ?.split(',')
      .map((part) => part.trim().split(' ')[0])
      .find((url) => url?.includes('/512.webp')) ?? source
  const answer = await page.request.get(largest as string)
  expect(answer.headers()['content-type']).toBe('image/webp')
  return answer.body()
}

async function expectSavedAsShown(page: Page, photo: Photo, edit: (page: Page) => Promise<void>): Promise<void> {
  await page.goto('/upload')
  await upload(page, photo)
  await edit(page)
  // Move the pointer away, so that nothing hovers over the frame.
  await page.mouse.move(0, 0)
  const shown = await screenshotFrame(page)
  await apply(page)
  await save(page)
  const saved = await downloadNewest(page)
  const metadata = await sharp(saved).metadata()
  expect([metadata.width, metadata.height, metadata.orientation, metadata.exif]).toEqual([
    512,
    512,
    undefined,
    undefined,
  ])
  const distance = await difference(shown, saved)
  expect(distance, 'saved against shown').toBeLessThan(5)
  // The measure detects errors: a mirrored or rotated image is far from the shown one.
  for (const wrong of [await sharp(saved).flop().png().toBuffer(), await sharp(saved).rotate(90).png().toBuffer()]) {
    expect(await difference(shown, wrong)).toBeGreaterThan(distance * 3)
  }
}

// The screenshot needs the whole editor on the screen.
test.use({ viewport: { width: 1280, height: 1100 } })

const untouched = async () => undefined

const press =
  (...names: string[]) =>
  async (page: Page) => {
    for (const name of names) await page.getByRole('button', { name, exact: true }).click()
    await expect.poll(() => new URL(page.url()).searchParams.get('area')).not.toBeNull()
  }

test.describe('U14: the saved image equals what the editor showed', () => {
  for (const orientation of [1, 2, 3, 4, 5, 6, 7, 8]) {
    test(`EXIF orientation ${orientation}`, async ({ page }) => {
      await begin(page)
      await expectSavedAsShown(page, await oriented(orientation), untouched)
      if (orientation % 3 === 0) {
        await expectSavedAsShown(
          page,
          await oriented(orientation),
          press('Zoom in', 'Rotate 90° right', 'Flip horizontally', 'Move photo up'),
        )
      }
    })
  }

  for (const [name, photo] of Object.entries(variety)) {
    test(`${name}`, async ({ page }) => {
      await begin(page)
      await expectSavedAsShown(page, await photo(), press('Zoom in', 'Zoom in', 'Move photo left'))
    })
  }

  test('U10, U11: rotated by an odd angle and flipped', async ({ page }) => {
    await begin(page)
    await expectSavedAsShown(page, await portrait(), async () => {
      await press('Zoom in', 'Zoom in', 'Zoom in', 'Flip vertically')(page)
      const rotate = page.getByRole('slider', { name: 'Straighten' })
      await rotate.focus()
      for (let step = 0; step < 3; step += 1) await page.keyboard.press('PageUp')
      for (let step = 0; step < 3; step += 1) await page.keyboard.press('ArrowRight')
      await expect.poll(() => new URL(page.url()).searchParams.get('rotate')).not.toBeNull()
    })
  })
})

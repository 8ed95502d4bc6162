import type { Page } from 'playwright/test'
import sharp from 'sharp'
import { difference } from './compare'
import { apply, begin, cards, save, upload } from './person'
import { oriented, type Photo, portrait, variety } from './photos'
import { expect, test } from './test'

/** What the editor shows inside its frame. */
async function shownByEditor(page: Page): Promise<Buffer> {
  const frame = await page.getByTestId('cropper').boundingBox()
  if (!frame) throw new Error('the editor shows no frame')
  // The grid and the border are drawn over the picture; they are not part of it.
  await page.addStyleTag({
    content:
      '[data-testid=cropper]::before,[data-testid=cropper]::after{display:none!important}[data-testid=cropper]{border-color:transparent!important}',
  })
  return page.screenshot({ clip: frame })
}

/** The largest variant of the newest saved picture, as anybody would download it. */
async function newestSaved(page: Page): Promise<Buffer> {
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
  // The address is written once the editor has come to rest.
  await page.mouse.move(0, 0)
  const shown = await shownByEditor(page)
  await apply(page)
  await save(page)
  const saved = await newestSaved(page)
  const metadata = await sharp(saved).metadata()
  expect([metadata.width, metadata.height, metadata.orientation, metadata.exif]).toEqual([
    512,
    512,
    undefined,
    undefined,
  ])
  const distance = await difference(shown, saved)
  expect(distance, 'saved against shown').toBeLessThan(5)
  // The measure would notice: a mirrored or turned picture is far from what was shown.
  for (const wrong of [await sharp(saved).flop().png().toBuffer(), await sharp(saved).rotate(90).png().toBuffer()]) {
    expect(await difference(shown, wrong)).toBeGreaterThan(distance * 3)
  }
}

// The whole editor must be on the screen to be photographed.
test.use({ viewport: { width: 1280, height: 1100 } })

const untouched = async () => undefined

const press =
  (...names: string[]) =>
  async (page: Page) => {
    for (const name of names) await page.getByRole('button', { name, exact: true }).click()
    await expect.poll(() => new URL(page.url()).searchParams.get('area')).not.toBeNull()
  }

test.describe('U14: what is saved equals what the cropper showed', () => {
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

  test('U10, U11: turned by any angle, flipped both ways', async ({ page }) => {
    await begin(page)
    await expectSavedAsShown(page, await portrait(), async () => {
      await press('Zoom in', 'Zoom in', 'Zoom in', 'Flip vertically')(page)
      const rotate = page.getByRole('slider', { name: 'Rotate' })
      await rotate.focus()
      for (let step = 0; step < 3; step += 1) await page.keyboard.press('PageUp')
      for (let step = 0; step < 3; step += 1) await page.keyboard.press('ArrowRight')
      await expect.poll(() => new URL(page.url()).searchParams.get('rotate')).not.toBeNull()
    })
  })
})

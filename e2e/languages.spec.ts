import type { Locator } from 'playwright/test'
import { signInByApi } from './every-screen'
import { portrait } from './photos'
import { expect, test } from './test'

test.describe('in an Austrian browser', () => {
  test.use({ locale: 'de-AT' })

  test('U25, U75: pages follow the browser until the person chooses a language', async ({ page }) => {
    const html = page.locator('html')
    await page.goto('/upload')
    await expect(html).toHaveAttribute('lang', 'de-AT')
    await expect(page).toHaveTitle(/hochladen/)

    const choice = page.getByRole('combobox', { name: 'Sprache' })
    await expect(choice.getByRole('option')).toHaveText(['العربية', 'Deutsch', 'English'])
    await choice.selectOption('العربية')
    await expect(html).toHaveAttribute('dir', 'rtl')
    await expect(html).toHaveAttribute('lang', 'ar')
    await expect(page).toHaveTitle(/رفع/)

    await page.reload()
    await page.getByRole('combobox', { name: 'اللغة' }).selectOption('Deutsch')
    await expect(html).toHaveAttribute('lang', 'de-AT')
    await expect(html).toHaveAttribute('dir', 'ltr')
  })

  test('U25: dates and numbers have the format of the region', async ({ page, baseURL }) => {
    const person = await signInByApi(page, baseURL as string)
    const uploadId = await person.upload(await portrait())
    await person.save(await person.crop({ uploadId, area: { x: 20, y: 30, width: 300, height: 300 } }))
    await page.goto('/gallery')
    // As in 01.12.2026, 09:30
    await expect(page.getByText(/\d\d\.\d\d\.20\d\d/).first()).toBeVisible()
    await page.goto(`/crop/${uploadId}`)
    await expect(page.getByText(/^100\s%$/)).toBeVisible()
  })
})

test('U78: pages mirror in Arabic; the photo, its crop and the keys do not', async ({ page, baseURL }) => {
  const person = await signInByApi(page, baseURL as string)
  const uploadId = await person.upload(await portrait())

  // Without motion, the photo is in its place at once.
  await page.emulateMedia({ reducedMotion: 'reduce' })
  /** Opens the editor in a language, moves the photo, and measures what is where. */
  const look = async (locale: string) => {
    await page.context().addCookies([{ name: 'locale', value: locale, url: baseURL as string }])
    await page.goto(`/crop/${uploadId}?area=40,60,200,200`)
    const editor = page.getByRole('application')
    const slider = page.getByRole('slider').first()
    /** Presses a key, and waits for the new crop in the address. */
    const press = async (control: Locator, key: string) => {
      const before = page.url()
      await control.press(key)
      await expect.poll(() => page.url()).not.toBe(before)
    }
    for (const key of ['ArrowLeft', 'Shift+ArrowUp', '+']) await press(editor, key)
    await press(slider, 'ArrowRight')
    const recipe = page.url().split('?')[1]
    const [frame, photo] = await Promise.all([editor.boundingBox(), page.locator('.reactEasyCrop_Image').boundingBox()])
    if (!frame || !photo) throw new Error('The editor shows no photo.')
    const zoom = await slider.inputValue()
    const place = { x: Math.round(photo.x - frame.x), y: Math.round(photo.y - frame.y), width: Math.round(photo.width) }

    await page.goto('/upload')
    const [brand, nav] = await Promise.all(
      ['link', 'navigation'].map((role) =>
        page
          .getByRole('banner')
          .getByRole(role as 'link')
          .first()
          .boundingBox(),
      ),
    )
    return { recipe, zoom, place, isMirrored: (brand?.x ?? 0) > (nav?.x ?? 0) }
  }

  const english = await look('en')
  const arabic = await look('ar')
  expect(arabic).toEqual({ ...english, isMirrored: true })
  expect(english.isMirrored).toBe(false)
})

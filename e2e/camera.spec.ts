import type { Page } from 'playwright/test'
import sharp from 'sharp'
import { begin } from './person'
import { portrait } from './photos'
import playwrightConfig from './playwright.config'
import { expect, test } from './test'

const { launchOptions } = playwrightConfig.use ?? {}
// Chromium's fake camera shows a moving pattern, and its user always allows it.
const fakeCamera = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream']
test.use({ launchOptions: { ...launchOptions, args: [...(launchOptions?.args ?? []), ...fakeCamera] } })

interface TestedWindow extends Window {
  openedTracks: MediaStreamTrack[]
}

/**
 * Replaces the camera of the page by one that is red on the left and blue on the right, and records its tracks.
 * @param failures the names of the errors of the first attempts
 */
async function replaceCamera(page: Page, failures: string[] = []): Promise<void> {
  await page.addInitScript((remaining) => {
    const openedTracks: MediaStreamTrack[] = []
    Object.assign(window, { openedTracks })
    navigator.mediaDevices.getUserMedia = async () => {
      const failure = remaining.shift()
      if (failure) throw new DOMException('', failure)
      const canvas = document.createElement('canvas')
      Object.assign(canvas, { width: 640, height: 480 })
      const context = canvas.getContext('2d') as CanvasRenderingContext2D
      const draw = () => {
        for (const [colour, x] of [['#f00', 0] as const, ['#00f', 320] as const]) {
          context.fillStyle = colour
          context.fillRect(x, 0, 320, 480)
        }
        requestAnimationFrame(draw)
      }
      draw()
      const stream = canvas.captureStream()
      openedTracks.push(...stream.getTracks())
      return stream
    }
  }, failures)
}

const trackStates = (page: Page) =>
  page.evaluate(() => (window as unknown as TestedWindow).openedTracks.map(({ readyState }) => readyState))

async function openCamera(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Use camera' }).click()
  await expect(page.getByRole('dialog', { name: 'Take a photo' })).toBeVisible()
}

const shutter = (page: Page) => page.getByRole('button', { name: 'Take photo' })
const says = (page: Page, text: string) => page.getByRole('status').filter({ hasText: text })

/** Returns which colours an element shows at its left and at its right. */
async function sidesOf(page: Page, label: string): Promise<string[]> {
  const shot = await page
    .getByLabel(label)
    .or(page.getByRole('img', { name: label }))
    .screenshot()
  const { data, info } = await sharp(shot).removeAlpha().raw().toBuffer({ resolveWithObject: true })
  const row = Math.floor(info.height / 2) * info.width
  return [0.3, 0.7].map((part) => {
    const at = 3 * (row + Math.floor(info.width * part))
    return (data[at] as number) > (data[at + 2] as number) ? 'red' : 'blue'
  })
}

test('U82: a photo from the camera goes to the editor, by keyboard alone', async ({ page }) => {
  await begin(page)
  await openCamera(page)
  await expect(shutter(page)).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(says(page, '2')).toBeAttached()
  await expect(says(page, 'Photo taken.')).toBeAttached()
  await expect(page.getByRole('button', { name: 'Use photo' })).toBeFocused()
  await page.keyboard.press('Enter')
  await page.waitForURL(/\/crop/)
})

test('U82: the live view is mirrored, the photo is not', async ({ page }) => {
  await replaceCamera(page)
  await begin(page)
  await openCamera(page)
  await expect(shutter(page)).toBeFocused()
  await expect.poll(() => sidesOf(page, 'Live view of your camera, mirrored')).toEqual(['blue', 'red'])
  await shutter(page).click()
  await page.getByRole('button', { name: 'Take it now' }).click()
  await expect.poll(() => sidesOf(page, 'The photo you took')).toEqual(['red', 'blue'])

  await page.getByRole('button', { name: 'Retake' }).click()
  await expect(shutter(page)).toBeFocused()
  await expect(page.getByRole('img', { name: 'The photo you took' })).toHaveCount(0)
})

test('U83: the camera turns off on every way out', async ({ page }) => {
  await replaceCamera(page)
  await begin(page)
  const waysOut = [
    () => page.keyboard.press('Escape'),
    () => page.getByRole('button', { name: 'Close camera' }).click(),
    async () => {
      await shutter(page).click()
      await page.getByRole('button', { name: 'Take it now' }).click()
      await page.keyboard.press('Escape')
    },
    async () => {
      await shutter(page).click()
      await page.keyboard.press('Escape')
    },
  ]
  for (const leave of waysOut) {
    await openCamera(page)
    await expect(shutter(page)).toBeFocused()
    await leave()
    await expect(page.getByRole('dialog')).toHaveCount(0)
    await expect(page.getByRole('button', { name: 'Use camera' })).toBeFocused()
  }
  expect(await trackStates(page)).toEqual(waysOut.map(() => 'ended'))
})

test('U83: a camera that does not start leads to its reason and another try', async ({ page }) => {
  await replaceCamera(page, ['NotAllowedError', 'NotFoundError', 'NotReadableError', 'TypeError'])
  await begin(page)
  await openCamera(page)
  const alert = page.getByRole('dialog').getByRole('alert')
  for (const sentence of ['blocked for this site', 'cannot find a camera', 'Another app', 'did not start']) {
    await expect(alert).toContainText(sentence)
    await page.getByRole('button', { name: 'Try again' }).click()
  }
  await expect(shutter(page)).toBeFocused()
  // Unplugged, or turned off in the browser.
  await page.evaluate(() => (window as unknown as TestedWindow).openedTracks[0]?.dispatchEvent(new Event('ended')))
  await expect(alert).toContainText('cannot find a camera')
})

test('U82: a computer without a camera offers none', async ({ page }) => {
  await page.addInitScript(() => {
    navigator.mediaDevices.enumerateDevices = async () => [{ kind: 'audioinput' } as MediaDeviceInfo]
  })
  await begin(page)
  await expect(page.getByLabel('Choose a photo')).toBeEnabled()
  await expect(page.getByRole('button', { name: 'Use camera' })).toBeHidden()
})

test.describe('on a touch screen', () => {
  test.use({ hasTouch: true, isMobile: true, viewport: { width: 360, height: 740 } })

  test('U3: library and camera are two controls, and the camera is the one at the front', async ({ page }) => {
    await begin(page)
    await expect(page.getByRole('button', { name: 'Use camera' })).toBeHidden()
    const camera = page.getByLabel('Take a photo')
    await expect(page.locator('label', { has: camera })).toBeVisible()
    await expect(camera).toHaveAttribute('capture', 'user')
    await expect(camera).toHaveAttribute('accept', 'image/*')
    await expect(page.getByLabel('Choose a photo')).not.toHaveAttribute('capture')
    const chooser = page.waitForEvent('filechooser')
    await page.locator('label', { has: camera }).tap()
    await (await chooser).setFiles(await portrait())
    await page.waitForURL(/\/crop/)
  })
})

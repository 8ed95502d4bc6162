import type { Page } from 'playwright/test'
import { expect, test } from './test'

/** Returns the names of the animations that run. */
const animations = (page: Page) =>
  page.evaluate(() =>
    document
      .getAnimations()
      .filter(({ playState }) => playState === 'running')
      .map((animation) => (animation as CSSAnimation).animationName),
  )

for (const [width, height] of [
  [360, 740],
  [1280, 800],
] as const) {
  test(`U73: the first page shows picker and drawing without scrolling at ${width} × ${height}`, async ({ page }) => {
    await page.setViewportSize({ width, height })
    await page.goto('/')
    await expect(page.getByRole('heading', { level: 1 })).toBeInViewport({ ratio: 1 })
    const content = page.locator('#main > *')
    await expect(content).toHaveCount(1)
    await expect(content).toBeInViewport({ ratio: 1 })
    await expect(content.locator('label', { hasText: 'Choose a photo' })).toBeInViewport({ ratio: 1 })
  })
}

test('U73: the frame settles around the face, and is there at once with reduced motion', async ({ page }) => {
  await page.goto('/')
  expect(await animations(page)).toContain('settle')
  await expect.poll(() => animations(page)).not.toContain('settle')
  const frame = page.locator('#main svg > g').last()
  await expect(frame).toHaveCSS('transform', 'matrix(1, 0, 0, 1, 0, 0)')

  await page.emulateMedia({ reducedMotion: 'reduce' })
  await page.reload()
  expect(await animations(page)).not.toContain('settle')
  await expect(frame).toHaveCSS('transform', 'none')
})

test('U74: headings have the typeface of the site, and nothing moves when it arrives late', async ({ page }) => {
  let release = () => {}
  const released = new Promise<void>((done) => {
    release = done
  })
  await page.route('**/*.woff2', async (route) => {
    await released
    await route.continue()
  })
  await page.setViewportSize({ width: 360, height: 740 })
  await page.emulateMedia({ reducedMotion: 'reduce' })
  await page.goto('/', { waitUntil: 'commit' })
  const heading = page.getByRole('heading', { level: 1 })
  const box = await heading.boundingBox()
  const isLoaded = () => page.evaluate(() => Array.from(document.fonts, ({ status }) => status).includes('loaded'))
  expect(await isLoaded()).toBe(false)
  release()
  await expect.poll(isLoaded).toBe(true)
  expect(await heading.boundingBox()).toEqual(box)
  const shift = await page.evaluate(
    () =>
      new Promise<number>((done) => {
        let sum = 0
        new PerformanceObserver((list) => {
          for (const entry of list.getEntries()) sum += (entry as PerformanceEntry & { value: number }).value
        }).observe({ type: 'layout-shift', buffered: true })
        setTimeout(() => done(sum), 500)
      }),
  )
  // A hundredth of what counts as good. The name in the header becomes a little wider or narrower.
  expect(shift).toBeLessThan(0.001)
})

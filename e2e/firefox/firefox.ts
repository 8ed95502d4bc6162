import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { test as base, expect } from 'playwright/test'
import puppeteer, { type Page } from 'puppeteer-core'
import { siteOrigin } from '../addresses'
import type { Photo } from '../photos'

const places = [process.env.FIREFOX_PATH, '/usr/bin/firefox-esr', '/usr/bin/firefox']

/** A test in Firefox, which Puppeteer drives by WebDriver BiDi. An uncaught exception of the page fails it. */
export const test = base.extend<{ firefox: Page }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of fixtures here
  firefox: async ({}, use) => {
    const executablePath = places.find((path) => path && existsSync(path))
    if (!executablePath) {
      throw new Error('Found no Firefox. Run `apt-get install firefox-esr`, or set FIREFOX_PATH to one.')
    }
    const browser = await puppeteer.launch({
      browser: 'firefox',
      executablePath,
      defaultViewport: { width: 1280, height: 1100 },
    })
    try {
      const page = await browser.newPage()
      const errors: string[] = []
      page.on('pageerror', (error) => errors.push(String(error)))
      await use(page)
      expect(errors, 'uncaught exceptions').toEqual([])
    } finally {
      await browser.close()
    }
  },
})

const byName = (name: string) => `::-p-aria(${name})`

/** Chooses a photo on the first page, and waits for its editor. */
export async function choose(page: Page, photo: Photo): Promise<void> {
  await page.goto(siteOrigin)
  const input = await page.waitForSelector('input[type=file]:not([capture])')
  // Kept until the test ends: the search for faces reads it after the upload.
  const file = test.info().outputPath(photo.name)
  await writeFile(file, photo.buffer)
  await input?.uploadFile(file)
  await page.waitForFunction(() => /^\/crop\/\w/.test(window.location.pathname))
  await page.waitForSelector('[data-testid=cropper]')
}

export async function press(page: Page, name: string): Promise<void> {
  await page.locator(byName(name)).click()
}

/** Takes a screenshot of the editor's frame, without what is drawn over the photo. */
export async function screenshotFrame(page: Page): Promise<Buffer> {
  await page.addStyleTag({
    content: `*{transition:none!important;animation:none!important}
      [data-testid=cropper]::before,[data-testid=cropper]::after{display:none!important}
      [data-testid=cropper]{border-color:transparent!important}`,
  })
  const frame = await page.waitForSelector('[data-testid=cropper]')
  const clip = await frame?.boundingBox()
  if (!clip) throw new Error('the editor has no frame')
  return Buffer.from(await page.screenshot({ clip }))
}

/** Saves the photo and waits for the gallery. @returns the largest variant of the newest photo */
export async function save(page: Page): Promise<Buffer> {
  await press(page, 'Save photo')
  await page.waitForFunction(() => window.location.pathname === '/gallery')
  const image = await page.waitForSelector('li img[srcset]')
  const url = await image?.evaluate((element) => {
    const urls = ((element as HTMLImageElement).srcset ?? '').split(',').map((part) => part.trim().split(' ')[0] ?? '')
    return urls.find((one) => one.includes('/512.webp'))
  })
  const answer = await fetch(url as string)
  expect(answer.headers.get('content-type')).toBe('image/webp')
  return Buffer.from(await answer.arrayBuffer())
}

export { expect }

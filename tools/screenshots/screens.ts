import type { Browser, Page } from 'playwright'
import sharp from 'sharp'
import { enlarged } from './photos'

export const themes = ['light', 'dark'] as const
export type Theme = (typeof themes)[number]

const devices = {
  desktop: { viewport: { width: 1280, height: 800 }, deviceScaleFactor: 1 },
  phone: { viewport: { width: 360, height: 740 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true },
} as const
type Device = keyof typeof devices

/** Pictures of the screens, as WebP, by their names in docs/screenshots. */
export type Screens = Record<string, Buffer>

/** Takes every screen on every device in every theme. @param cookie a person who has photos */
export async function takeScreens(browser: Browser, origin: string, cookie: string): Promise<Screens> {
  const screens: Screens = {}
  for (const theme of themes) {
    for (const device of Object.keys(devices) as Device[]) {
      for await (const [screen, png] of visit(browser, { origin, cookie, theme, device })) {
        const name = isDarkAlways(screen) ? `${screen}-${device}` : `${screen}-${device}-${theme}`
        screens[name] ??= await sharp(png).webp({ quality: 86, effort: 6 }).toBuffer()
      }
    }
  }
  return screens
}

/** Whether a screen has the dark surround of the editor in both themes. */
const isDarkAlways = (screen: string) => screen === 'editor' || screen === 'preview'

/** Goes through the screens as a new visitor, then opens the gallery of the person who has photos. */
async function* visit(
  browser: Browser,
  { origin, cookie, theme, device }: { origin: string; cookie: string; theme: Theme; device: Device },
): AsyncGenerator<[screen: string, png: Buffer]> {
  const context = await browser.newContext({
    ...devices[device],
    baseURL: origin,
    colorScheme: theme,
    // Animations are at their end, so every run shows the same.
    reducedMotion: 'reduce',
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin',
  })
  try {
    const page = await context.newPage()
    await page.goto('/')
    await page.getByText('Choose a photo', { exact: true }).waitFor()
    yield ['first-page', await shoot(page)]

    await page.getByLabel('Choose a photo').setInputFiles(await enlarged('portrait'))
    // The upload has ended, and the face is found.
    await page.waitForURL(/\/crop\/\w/)
    await page.getByRole('button', { name: 'Fit face' }).waitFor({ state: 'attached' })
    yield ['editor', await shoot(page)]

    await page.getByRole('button', { name: 'Preview' }).click()
    await page.getByRole('heading', { name: 'How it will look' }).waitFor()
    yield ['preview', await shoot(page)]

    await context.addCookies(toCookies(cookie, origin))
    await page.goto('/gallery')
    await page.getByText('In use', { exact: true }).waitFor()
    yield ['gallery', await shoot(page)]
  } finally {
    await context.close()
  }
}

/** Takes a picture of the window when its images and typefaces have loaded. */
async function shoot(page: Page): Promise<Buffer> {
  await page.waitForLoadState('networkidle')
  // Without a named function: tsx would add a helper that the page lacks. Images further down load lazily.
  await page.waitForFunction(() =>
    Array.from(document.images).every(
      (image) => image.getBoundingClientRect().top >= innerHeight || (image.complete && image.naturalWidth > 0),
    ),
  )
  await page.evaluate(() => document.fonts.ready)
  // The mouse and the focus leave no trace.
  await page.mouse.move(0, 0)
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur())
  return page.screenshot({ animations: 'disabled', caret: 'hide' })
}

function toCookies(header: string, url: string): { name: string; value: string; url: string }[] {
  return header.split('; ').map((pair) => {
    const at = pair.indexOf('=')
    return { name: pair.slice(0, at), value: pair.slice(at + 1), url }
  })
}

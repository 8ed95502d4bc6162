import type { Locator, Page } from 'playwright/test'
import { watchLiveRegions } from './live-regions'
import { cards, editorReady } from './person'
import { portrait, variety } from './photos'
import { slowNetwork } from './slow-uploads'
import { expect, test } from './test'

// One journey from the first page to the gallery in each input mode.

const editor = (page: Page) => page.getByRole('application', { name: 'Crop editor' })
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })
const zoom = (page: Page) => page.getByRole('slider', { name: 'Zoom' })
const preview = (page: Page) => page.getByRole('heading', { name: 'How it will look' })

/** A line of the accessibility tree with a control, a picture or a group of controls that has no name. */
const unnamed =
  /^- '?(application|button|checkbox|combobox|dialog|group|img|link|navigation|radio|slider|switch|textbox)( \[.*\])?:?$/

/** Presses Tab until the control has the focus, which must be visible. */
async function tabTo(page: Page, control: Locator): Promise<void> {
  await expect(control).toBeEnabled()
  const isFocused = () => control.evaluate((element) => element === document.activeElement)
  for (let step = 0; step < 60 && !(await isFocused()); step += 1) await page.keyboard.press('Tab')
  await expect(control).toBeFocused()
  // A file input is hidden, and its label has the outline.
  const outlines = control.evaluate((element) =>
    [element, element.closest('label')].map((each) => each && getComputedStyle(each).outlineStyle),
  )
  expect(await outlines, `the focus on ${control} is visible`).toContain('solid')
}

test('U1, U9, U10, U85: the whole flow works by keyboard alone, with a visible focus', async ({ page }) => {
  const press = async (control: Locator) => {
    await tabTo(page, control)
    await page.keyboard.press('Enter')
  }
  // Listen from the start, because Chromium cancels a file chooser that nothing waits for.
  const photo = await portrait()
  page.on('filechooser', (chooser) => chooser.setFiles(photo))
  await page.goto('/')
  await press(page.getByLabel('Choose a photo'))
  await page.waitForURL(/\/crop\/\w/)
  await editorReady(page)

  await tabTo(page, editor(page))
  for (const key of ['+', '+', '+', 'Shift+ArrowLeft', 'ArrowUp', 'r']) await page.keyboard.press(key)
  const rotation = () => new URL(page.url()).searchParams.get('rotate')
  await expect.poll(rotation).toBe('90')
  await page.keyboard.press('Control+z')
  await expect.poll(rotation).not.toBe('90')
  await press(button(page, 'Redo'))
  await expect.poll(rotation).toBe('90')

  await press(button(page, 'Preview'))
  await expect(preview(page)).toBeFocused()
  await press(button(page, 'Back to editing'))
  await editorReady(page)
  await press(button(page, 'Save photo'))
  await page.waitForURL(/\/gallery/)
  await expect(page.getByRole('heading', { name: 'Your photos' })).toBeFocused()

  const tile = cards(page).first().getByRole('button').first()
  await press(tile)
  const sheet = page.getByRole('dialog', { name: /^Photo from/ })
  await expect(sheet).toBeVisible()
  await tabTo(page, sheet.getByRole('button', { name: /^Crop again/ }))
  await page.keyboard.press('Escape')
  await expect(sheet).toHaveCount(0)
  await expect(tile).toBeFocused()
})

test.describe('with one finger', () => {
  test.use({ hasTouch: true, isMobile: true, viewport: { width: 360, height: 740 } })

  test('U3, U12, U86: the whole flow works with one finger on a phone', async ({ page }) => {
    const touch = await page.context().newCDPSession(page)
    const finger = (type: 'touchStart' | 'touchMove' | 'touchEnd', at?: { x: number; y: number }) =>
      touch.send('Input.dispatchTouchEvent', { type, touchPoints: at ? [at] : [] })
    const choose = async () => {
      await expect(page.getByText('Take a photo', { exact: true })).toBeInViewport()
      const chooser = page.waitForEvent('filechooser')
      await page.getByText('Choose a photo', { exact: true }).tap()
      await (await chooser).setFiles(await portrait())
      await page.waitForURL(/\/crop\/\w/)
      await editorReady(page)
    }
    const save = async () => {
      await button(page, 'Save photo').tap()
      await page.waitForURL(/\/gallery/)
    }
    const centreOf = async (locator: Locator) => {
      const { x, y, width, height } = (await locator.boundingBox()) as NonNullable<
        Awaited<ReturnType<Locator['boundingBox']>>
      >
      return { x: x + width / 2, y: y + height / 2 }
    }

    await page.goto('/')
    await choose()
    await button(page, 'Zoom in').tap()
    await expect(zoom(page)).toHaveAttribute('aria-valuetext', '110%')
    const area = () => new URL(page.url()).searchParams.get('area')
    await expect.poll(area).not.toBeNull()
    const before = area()
    const { x, y } = await centreOf(editor(page))
    await finger('touchStart', { x, y })
    for (const step of [1, 2, 3, 4]) {
      await finger('touchMove', { x: x - 10 * step, y: y - 10 * step })
      await page.evaluate(() => new Promise(requestAnimationFrame))
    }
    await finger('touchEnd')
    await expect.poll(area).not.toBe(before)
    expect(await page.evaluate(() => [window.scrollX, window.scrollY]), 'the page has not moved').toEqual([0, 0])
    await button(page, 'Undo').tap()
    await expect.poll(area).toBe(before)
    await save()

    await page.getByRole('main').getByRole('link', { name: 'Add a photo' }).tap()
    await choose()
    await save()
    await expect(cards(page)).toHaveCount(2)
    const tile = cards(page).nth(1)
    await tile.getByRole('button').tap()
    const sheet = page.getByRole('dialog', { name: /^Photo from/ })
    await expect(sheet.getByRole('button', { name: /^Crop again/ })).toBeVisible()
    await sheet.getByRole('button', { name: 'Close' }).tap()
    await expect(sheet).toHaveCount(0)
    await tile.scrollIntoViewIfNeeded()
    await finger('touchStart', await centreOf(tile))
    await expect(page.getByRole('region', { name: 'Selection' })).toContainText('1 selected')
    await finger('touchEnd')
    await expect(tile.getByRole('checkbox')).toBeChecked()
  })
})

test('U4, U44, U87: a screen reader hears each step of the flow once', async ({ page }) => {
  await page.goto('/')
  const heard = await watchLiveRegions(page)
  const hears = (text: string) => expect.poll(heard).toContain(text)
  const normalNetwork = await slowNetwork(page)
  await page.getByLabel('Choose a photo').setInputFiles(await variety.phone())
  await page.waitForURL(/\/crop\/a/)
  await normalNetwork()
  await editorReady(page)
  // Later announcements replace those of buttons that are pressed quickly.
  for (const [name, text] of [
    ['Zoom in', 'Zoom 110%'],
    ['Move photo left', 'Moved left'],
    ['Undo', 'Undone'],
  ] as const) {
    await button(page, name).click()
    await hears(text)
  }
  await button(page, 'Save photo').click()
  await page.waitForURL(/\/gallery/)
  await expect(page.getByRole('heading', { name: 'Your photos' })).toBeFocused()
  await hears('Photo saved')
  expect(await heard()).toEqual([
    'Uploading from-a-phone.jpg.',
    'Loading your photo…',
    '25% uploaded.',
    '50% uploaded.',
    '75% uploaded.',
    'Uploaded. Processing…',
    'Zoom 110%',
    'Moved left',
    'Undone',
    'Cropping…',
    'Saving…',
    'Photo saved',
  ])
  // What a person finds who reads the page is true now.
  await expect(page.getByText('Processing…')).toHaveCount(0)
})

test('U89: each page has landmarks and one main heading, and each control has a name', async ({ page }) => {
  /** Checks the accessibility tree of a screen. @param tree what it contains, in this order */
  const look = async (screen: string, tree: string) => {
    await expect(page.locator('body'), screen).toMatchAriaSnapshot(tree)
    const lines = (await page.locator('body').ariaSnapshot()).split('\n').map((line) => line.trim())
    expect(
      lines.filter((line) => /^- '?heading .*\[level=1\]/.test(line)),
      screen,
    ).toHaveLength(1)
    expect(
      lines.filter((line) => /^- main\b/.test(line)),
      screen,
    ).toHaveLength(1)
    expect(
      lines.filter((line) => unnamed.test(line)),
      `without a name: ${screen}`,
    ).toEqual([])
  }
  await page.goto('/')
  await look(
    'first page',
    `
    - banner:
      - link "Skip to content"
      - link "anyhost"
    - main:
      - heading "Your photo, well framed." [level=1]
      - button "Choose a photo"
      - paragraph: No account needed. This browser remembers your photos.
    - contentinfo:
      - combobox "Language"
      - group "Theme":
        - radio "System" [checked]
    `,
  )
  await page.getByLabel('Choose a photo').setInputFiles(await portrait())
  await page.waitForURL(/\/crop\/a/)
  await editorReady(page)
  await look(
    'editor',
    `
    - main "Crop your photo":
      - button "Cancel"
      - heading "Crop your photo" [level=1]
      - button "Undo" [disabled]
      - button "Redo" [disabled]
      - button "Help and shortcuts"
      - application "Crop editor"
      - slider "Zoom"
      - slider "Straighten"
      - group "Move and flip":
        - button "Move photo left"
      - button "Reset"
      - switch "Keep the original to crop it again" [checked]
      - button "Preview"
      - button "Save photo"
    `,
  )
  await button(page, 'Preview').click()
  await expect(preview(page)).toBeFocused()
  await look(
    'preview',
    `
    - main "How it will look":
      - button "Back to editing"
      - heading "How it will look" [level=1]
      - figure:
        - img "Your photo on a light page"
      - figure:
        - img "Your photo on a dark page"
      - button "Save photo"
    `,
  )
  await button(page, 'Save photo').click()
  await page.waitForURL(/\/gallery/)
  await expect(cards(page)).toHaveCount(1)
  await look(
    'gallery',
    `
    - banner
    - main:
      - navigation "Photo types":
        - list:
          - listitem:
            - link "Profile photos"
          - listitem:
            - link "Covers"
      - heading "Your photos" [level=1]
      - button "Select"
      - link "Add a photo"
      - list "Your photos":
        - listitem:
          - button /^Photo from/
          - paragraph: In use
    - contentinfo
    `,
  )
  await cards(page).first().getByRole('button').first().click()
  await look(
    'sheet',
    `
    - dialog /^Photo from/:
      - heading /^Photo from/ [level=2]
      - paragraph: In use
      - button /^Crop again/
      - link /^Download/
      - button /^Stop using/
      - button /^Delete/
      - textbox /^Description of/
      - button "Close"
    `,
  )
})

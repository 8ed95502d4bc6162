import { isDeepStrictEqual } from 'node:util'
import type { CDPSession, Locator, Page } from 'playwright/test'
import { begin, upload } from './person'
import { movingGif, type Photo, portrait, variety } from './photos'
import { expect, test } from './test'

const frameOf = (page: Page) => page.getByRole('application', { name: 'Crop editor' })
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })
const slider = (page: Page, name: 'Zoom' | 'Straighten') => page.getByRole('slider', { name })
const primary = (page: Page) => page.getByRole('button', { name: /^Save (photo|cover)$/ })

async function openEditor(page: Page, photo: Promise<Photo>): Promise<void> {
  await begin(page)
  await upload(page, await photo)
  await expect(frameOf(page)).toBeVisible()
}

type Area = { x: number; y: number; width: number } | null

/** Returns the area of the crop in the page's address, which follows the editor a quarter of a second later. */
function readArea(page: Page): Area {
  const area = new URL(page.url()).searchParams.get('area')
  if (area === null) return null
  const [x = 0, y = 0, width = 0] = area.split(',').map(Number)
  return { x, y, width }
}

const expectArea = (page: Page) => expect.poll(() => readArea(page))

/** The crop that the landscape opens with: its middle. */
const landscapeOpening = { x: 100, y: 0, width: 400 }

/** Waits until the area is another one than before. */
async function nextArea(page: Page, before: Area = landscapeOpening): Promise<NonNullable<Area>> {
  await expect.poll(() => [null, before].some((area) => isDeepStrictEqual(area, readArea(page)))).toBe(false)
  return readArea(page) as NonNullable<Area>
}

async function centreOf(locator: Locator): Promise<{ x: number; y: number; width: number }> {
  const box = await locator.boundingBox()
  if (!box) throw new Error('not on the screen')
  return { x: box.x + box.width / 2, y: box.y + box.height / 2, width: box.width }
}

/** @param at where it starts, from the middle of the element */
async function drag(page: Page, from: Locator, by: { x: number; y: number }, at = { x: 0 }): Promise<void> {
  const middle = await centreOf(from)
  const start = { x: middle.x + at.x, y: middle.y }
  await page.mouse.move(start.x, start.y)
  await page.mouse.down()
  await page.mouse.move(start.x + by.x / 2, start.y + by.y / 2, { steps: 4 })
  await page.mouse.move(start.x + by.x, start.y + by.y, { steps: 4 })
  await page.mouse.up()
}

/** Returns the editor's controls that are not completely inside the window, or lie under something else. */
function hiddenControls(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const editor = document.querySelector('.studio') as Element
    const controls = [...editor.querySelectorAll('button, input[type=range], [role=application]')]
    return controls
      .filter((control) => control.checkVisibility())
      .filter((control) => {
        const { left, right, top, bottom } = control.getBoundingClientRect()
        const isInside = left >= 0 && top >= 0 && right <= window.innerWidth && bottom <= window.innerHeight
        const onTop = document.elementFromPoint((left + right) / 2, (top + bottom) / 2)
        return !isInside || !(control.contains(onTop) || onTop?.contains(control))
      })
      .map((control) => control.getAttribute('aria-label') ?? control.textContent ?? control.outerHTML)
  })
}

/** Returns the width and height of each control that can be pressed, as far as it is smaller than this. */
function smallTargets(page: Page, least: number): Promise<string[]> {
  return page.evaluate((pixels) => {
    const controls = [...document.querySelectorAll('.studio button, .studio input[type=range]')]
    return controls
      .filter((control) => control.checkVisibility())
      .map((control) => ({ control, box: control.getBoundingClientRect() }))
      .filter(({ box }) => box.width < pixels || box.height < pixels)
      .map(({ control, box }) => `${control.getAttribute('aria-label')}: ${box.width} × ${box.height}`)
  }, least)
}

test('U11, U40: the whole editor is visible without scrolling, with targets of 24 px', async ({ page }) => {
  await openEditor(page, portrait())
  for (const [width, height] of [
    [1280, 800],
    [1366, 768],
    [360, 740],
    [740, 360],
    [768, 1024],
  ] as const) {
    await page.setViewportSize({ width, height })
    const size = `${width} × ${height}`
    await expect.poll(() => hiddenControls(page), size).toEqual([])
    await expect(primary(page), size).toBeVisible()
    expect(await smallTargets(page, 24), size).toEqual([])
    const more = button(page, 'Move and flip')
    if (await more.isVisible()) {
      await more.click()
      await expect.poll(() => hiddenControls(page), `${size}, all controls`).toEqual([])
      await more.click()
    }
    const { width: frameWidth } = await centreOf(frameOf(page))
    expect(frameWidth, `the photo takes the room at ${size}`).toBeGreaterThan(0.6 * Math.min(width, height - 170))
  }

  // Smaller screens scroll, but not sideways. The main button stays where there is room for it.
  for (const [width, height] of [
    [320, 568],
    [320, 256],
  ] as const) {
    await page.setViewportSize({ width, height })
    if (height > 480) await expect(primary(page)).toBeInViewport({ ratio: 1 })
    for (const control of [slider(page, 'Zoom'), slider(page, 'Straighten'), button(page, 'Reset'), primary(page)]) {
      await control.click({ trial: true })
      await expect(control).toBeInViewport({ ratio: 1 })
    }
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    )
    expect(overflow).toBeLessThanOrEqual(0)
  }
})

test.describe('on a phone', () => {
  test.use({ viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true })

  test('U11: targets are at least 44 px, also those behind "Move and flip"', async ({ page }) => {
    await openEditor(page, portrait())
    await button(page, 'Move and flip').tap()
    await expect(button(page, 'Move photo left')).toBeVisible()
    expect(await smallTargets(page, 44)).toEqual([])
    for (const [width, height] of [
      [360, 740],
      [740, 360],
    ] as const) {
      await page.setViewportSize({ width, height })
      await expect.poll(() => hiddenControls(page), `${width} × ${height}`).toEqual([])
    }
  })

  test('U11, U12, U41: one finger moves, two zoom, two taps zoom in and out; the page stays', async ({ page }) => {
    await openEditor(page, variety.landscape())
    const touch = await page.context().newCDPSession(page)
    const scrolled = await page.evaluate(() => window.scrollY)
    const { x, y } = await centreOf(frameOf(page))

    await moveFingers(touch, [{ x, y }], [{ x: x - 60, y }])
    const moved = await nextArea(page)
    const whole = moved.width
    expect(moved.x).toBeGreaterThan(0)

    await moveFingers(
      touch,
      [
        { x: x - 30, y },
        { x: x + 30, y },
      ],
      [
        { x: x - 60, y },
        { x: x + 60, y },
      ],
    )
    const pinched = await nextArea(page, moved)
    expect(pinched.width).toBeLessThan(whole * 0.6)
    expect(pinched.width).toBeGreaterThan(whole * 0.4)

    // A vertical movement does not scroll either.
    await moveFingers(touch, [{ x, y }], [{ x, y: y - 80 }])
    expect(await page.evaluate(() => window.scrollY)).toBe(scrolled)
    // Three gestures are three steps.
    for (let step = 0; step < 3; step += 1) await button(page, 'Undo').tap()
    await expect(button(page, 'Undo')).toHaveAttribute('aria-disabled', 'true')

    for (const zoom of ['250%', '100%']) {
      await page.touchscreen.tap(x + 50, y)
      await page.touchscreen.tap(x + 50, y)
      await expect(slider(page, 'Zoom')).toHaveAttribute('aria-valuetext', zoom)
    }
  })

  test('U12, U43: a finger on a slider zooms, in one step to undo', async ({ page }) => {
    await openEditor(page, variety.landscape())
    const touch = await page.context().newCDPSession(page)
    const { x, y, width } = await centreOf(slider(page, 'Zoom'))
    const start = x - width / 2 + 14
    await moveFingers(touch, [{ x: start, y }], [{ x: start + width / 2, y: y + 30 }])
    await expect(slider(page, 'Zoom')).not.toHaveAttribute('aria-valuetext', '100%')
    await button(page, 'Undo').tap()
    await expect(slider(page, 'Zoom')).toHaveAttribute('aria-valuetext', '100%')
    await expect(button(page, 'Undo')).toHaveAttribute('aria-disabled', 'true')
  })
})

type Finger = { x: number; y: number }

async function moveFingers(touch: CDPSession, from: Finger[], to: Finger[]): Promise<void> {
  const dispatch = (type: 'touchStart' | 'touchMove' | 'touchEnd', touchPoints: Finger[]) =>
    touch.send('Input.dispatchTouchEvent', { type, touchPoints: touchPoints.map((at, id) => ({ ...at, id })) })
  await dispatch('touchStart', from)
  for (const share of [0.25, 0.5, 0.75, 1]) {
    const between = from.map(({ x, y }, finger) => {
      const end = to[finger] as Finger
      return { x: x + (end.x - x) * share, y: y + (end.y - y) * share }
    })
    await dispatch('touchMove', between)
    // Chromium and the editor take one movement per frame.
    await touch.send('Runtime.evaluate', { expression: 'new Promise(requestAnimationFrame)', awaitPromise: true })
  }
  await dispatch('touchEnd', [])
}

test('U12: the wheel zooms at the pointer, and scrolls a page that is longer than the window', async ({ page }) => {
  await openEditor(page, variety.landscape())
  await frameOf(page).focus()
  const { x, y } = await centreOf(frameOf(page))
  await page.mouse.move(x, y)
  await page.mouse.wheel(0, -100)
  await page.mouse.wheel(0, -100)
  await expect(slider(page, 'Zoom')).not.toHaveAttribute('aria-valuetext', '100%')
  await button(page, 'Undo').click()
  await expect(slider(page, 'Zoom')).toHaveAttribute('aria-valuetext', '100%')

  await page.setViewportSize({ width: 320, height: 256 })
  await button(page, 'Cancel').focus()
  await frameOf(page).scrollIntoViewIfNeeded()
  const small = await centreOf(frameOf(page))
  const before = await page.evaluate(() => window.scrollY)
  await page.mouse.move(small.x, small.y)
  await page.mouse.wheel(0, 100)
  await expect.poll(() => page.evaluate(() => window.scrollY)).toBeGreaterThan(before)
  await expect(slider(page, 'Zoom')).toHaveAttribute('aria-valuetext', '100%')
})

test('U41: a double click zooms in at its point, and out again', async ({ page }) => {
  await openEditor(page, variety.landscape())
  const { x, y, width } = await centreOf(frameOf(page))
  await page.mouse.dblclick(x + width / 5, y - width / 10)
  await expect(slider(page, 'Zoom')).toHaveAttribute('aria-valuetext', '250%')
  const close = await nextArea(page)
  // The photo has 600 × 400 pixels. The point keeps its place in the frame.
  expect(close.width).toBe(160)
  expect(close.x + 0.7 * close.width).toBeCloseTo(100 + 0.7 * 400, -1)
  expect(close.y + 0.4 * close.width).toBeCloseTo(0.4 * 400, -1)
  await page.mouse.dblclick(x, y)
  await expectArea(page).toMatchObject({ width: 400 })
})

test('U42: a straightening drag stops at 0, shows lines, and turns are animated', async ({ page }) => {
  await openEditor(page, variety.landscape())
  const straighten = slider(page, 'Straighten')
  const lines = () => frameOf(page).evaluate((frame) => getComputedStyle(frame).backgroundImage)
  expect(await lines()).toBe('none')
  await drag(page, straighten, { x: 30, y: 0 })
  expect(await lines()).toContain('linear-gradient')
  await expect(straighten).not.toHaveAttribute('aria-valuetext', '0°')
  // Back to two pixels beside the middle.
  await drag(page, straighten, { x: -28, y: 0 }, { x: 30 })
  await expect(straighten).toHaveAttribute('aria-valuetext', '0°')
  await page.keyboard.press('ArrowRight')
  await expect(straighten).toHaveAttribute('aria-valuetext', '0.5°')
  await page.keyboard.press('End')
  await expect(straighten).toHaveAttribute('aria-valuetext', '45°')
  await expect.poll(() => new URL(page.url()).searchParams.get('rotate')).toBe('45')
  await expect.poll(lines).toBe('none')
  await button(page, 'Rotate 90° left').click()
  await expect.poll(() => new URL(page.url()).searchParams.get('rotate')).toBe('315')
  await expect(straighten).toHaveAttribute('aria-valuetext', '45°')

  // A turn is animated, but not with reduced motion.
  const longestAnimation = () =>
    page.evaluate(() =>
      Math.max(0, ...document.getAnimations().map((each) => Number(each.effect?.getComputedTiming().duration ?? 0))),
    )
  const press = () => button(page, 'Rotate 90° right').evaluate((element: HTMLElement) => element.click())
  await press()
  expect(await longestAnimation()).toBeGreaterThan(100)
  await page.emulateMedia({ reducedMotion: 'reduce' })
  await press()
  expect(await longestAnimation()).toBeLessThan(1)
})

test('U43: undo and redo take a drag and a held key as one step each', async ({ page }) => {
  await openEditor(page, variety.landscape())
  await drag(page, frameOf(page), { x: -80, y: 0 })
  const dragged = await nextArea(page)
  await frameOf(page).focus()
  await page.keyboard.down('+')
  for (let repeat = 0; repeat < 4; repeat += 1) await page.keyboard.down('+')
  await page.keyboard.up('+')
  const zoomed = await nextArea(page, dragged)
  await drag(page, slider(page, 'Straighten'), { x: 40, y: 0 })
  const last = await nextArea(page, zoomed)

  await page.keyboard.press('Control+z')
  await expect(slider(page, 'Straighten')).toHaveAttribute('aria-valuetext', '0°')
  await button(page, 'Undo').click()
  await expectArea(page).toEqual(dragged)
  await button(page, 'Undo').click()
  await expect(button(page, 'Undo')).toHaveAttribute('aria-disabled', 'true')
  // The button keeps the focus when there is nothing left.
  await expect(button(page, 'Undo')).toBeFocused()

  await button(page, 'Redo').click()
  await page.keyboard.press('Control+Shift+z')
  await page.keyboard.press('Control+y')
  await expectArea(page).toEqual(last)
  await expect(button(page, 'Redo')).toHaveAttribute('aria-disabled', 'true')

  await button(page, 'Reset').click()
  await expect(slider(page, 'Zoom')).toHaveAttribute('aria-valuetext', '100%')
  await page.keyboard.press('Control+z')
  await expectArea(page).toEqual(last)

  // A button pressed while the wheel still turns is a separate step.
  const zoom = await slider(page, 'Zoom').getAttribute('aria-valuetext')
  await frameOf(page).focus()
  const { x, y } = await centreOf(frameOf(page))
  await page.mouse.move(x, y)
  await page.mouse.wheel(0, -50)
  await expect(slider(page, 'Zoom')).not.toHaveAttribute('aria-valuetext', zoom as string)
  await button(page, 'Flip horizontally').click()
  await button(page, 'Undo').click()
  await expect(slider(page, 'Zoom')).not.toHaveAttribute('aria-valuetext', zoom as string)
  await button(page, 'Undo').click()
  await expect(slider(page, 'Zoom')).toHaveAttribute('aria-valuetext', zoom as string)

  // The main buttons take the crop on the screen too.
  const requested = page.waitForRequest((request) => request.url().endsWith('/api/crop'))
  await page.mouse.move(x, y)
  await page.mouse.wheel(0, -50)
  await expect(slider(page, 'Zoom')).not.toHaveAttribute('aria-valuetext', zoom as string)
  await button(page, 'Preview').click()
  expect((await requested).postDataJSON().area.width).toBeLessThan(last.width)
})

test('U13: zooming in too far warns, and reset returns to the first crop', async ({ page }) => {
  await openEditor(page, variety.phone())
  const warning = page.getByText('Smaller than 512 × 512 pixels')
  await expect(warning).toHaveCount(0)
  await slider(page, 'Zoom').focus()
  await page.keyboard.press('End')
  await expect(slider(page, 'Zoom')).toHaveAttribute('aria-valuetext', '1,000%')
  await expect(warning).toBeVisible()
  await button(page, 'Reset').click()
  await expect(warning).toHaveCount(0)
  await expectArea(page).toMatchObject({ width: 2688 })
})

test('U9: Escape asks only after changes, and returns the focus', async ({ page }) => {
  await openEditor(page, variety.landscape())
  await frameOf(page).focus()
  await page.keyboard.press('r')
  await page.keyboard.press('Escape')
  await button(page, 'Keep editing').click()
  await expect(frameOf(page)).toBeFocused()
  await page.keyboard.press('Control+z')
  await page.keyboard.press('Escape')
  await expect(frameOf(page)).toHaveCount(0)
})

test('U44: screen readers hear what changed, and no more', async ({ page }) => {
  await openEditor(page, variety.landscape())
  const spoken = await page.evaluateHandle(() => {
    const texts: string[] = []
    new MutationObserver((records) => {
      const regions = new Set(records.map(({ target }) => (target as Element).closest?.('[role=status]')))
      for (const region of regions) if (region?.textContent) texts.push(region.textContent)
    }).observe(document.body, { subtree: true, childList: true, characterData: true })
    return texts
  })
  const expected: string[] = []
  const hears = async (sentence: string) => {
    expected.push(sentence)
    await expect.poll(() => spoken.jsonValue()).toEqual(expected)
  }
  const press = (name: string) => button(page, name).click()

  await press('Zoom in')
  await hears('Zoom 110%')
  await press('Move photo left')
  await hears('Moved left')
  await press('Move photo left')
  await hears('Moved left')
  await press('Rotate 90° right')
  await hears('Rotated 90° right')
  await press('Flip horizontally')
  await hears('Flipped horizontally')
  await press('Undo')
  await hears('Undone')
  await press('Redo')
  await hears('Redone')
  await press('Tilt right')
  await hears('Straightened to 0.5°')
  await press('Reset')
  await hears('Reset')
  // The photo is as high as the frame.
  await frameOf(page).focus()
  await page.keyboard.press('ArrowUp')
  await hears('The photo ends here')
  await page.keyboard.press('v')
  await hears('Flipped vertically')
  // A drag is silent, and a slider speaks for itself.
  await drag(page, frameOf(page), { x: 40, y: 0 })
  await slider(page, 'Zoom').focus()
  await page.keyboard.press('PageUp')
  await page.waitForTimeout(500)
  await press('Undo')
  await hears('Undone')
})

test('U45: "?" shows the shortcuts, Escape closes only them, and the focus returns', async ({ page }) => {
  await openEditor(page, variety.landscape())
  const dialog = page.getByRole('dialog', { name: 'Help and shortcuts' })
  await button(page, 'Help and shortcuts').click()
  await expect(dialog).toContainText('Ctrl Z')
  await page.keyboard.press('Escape')
  await expect(dialog).toHaveCount(0)
  await expect(button(page, 'Help and shortcuts')).toBeFocused()
  await frameOf(page).focus()
  await page.keyboard.press('Shift+?')
  await expect(dialog).toBeVisible()
  await dialog.getByRole('button', { name: 'Close' }).click()
  await expect(frameOf(page)).toBeFocused()
})

test.describe('U47: with reduced motion', () => {
  test.use({ contextOptions: { reducedMotion: 'reduce' } })

  test('the editor shows the first frame of a moving photo', async ({ page }) => {
    const colour = () =>
      page
        .locator('.studio img')
        .first()
        .evaluate((image: HTMLImageElement) => {
          const context = document.createElement('canvas').getContext('2d') as CanvasRenderingContext2D
          context.drawImage(image, 0, 0)
          return [...context.getImageData(5, 5, 1, 1).data]
        })
    const sources = () =>
      page.locator('.studio img').evaluateAll((images) => images.map((each) => each.getAttribute('src')))
    await openEditor(page, movingGif())
    const local = await sources()
    expect(await colour()).toEqual([224, 32, 32, 255])
    // The same after a reload, when the photo comes from the store.
    await page.reload()
    await expect(frameOf(page)).toBeVisible()
    expect(await colour()).toEqual([224, 32, 32, 255])
    for (const source of [...local, ...(await sources())]) expect(source).toMatch(/^blob:/)
  })

  test('a photo that does not move is shown as it is', async ({ page }) => {
    await openEditor(page, portrait())
    await page.reload()
    await expect(frameOf(page)).toBeVisible()
    expect(await page.locator('.studio img').first().getAttribute('src')).toMatch(/^http/)
  })
})

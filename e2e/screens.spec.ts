import type { Page } from 'playwright/test'
import { findViolations } from './find-violations'
import { addPhoto, apply, begin, cards, upload } from './person'
import { portrait } from './photos'
import { expect, expectOnly, test } from './test'

/** Opens every screen in turn. */
async function everyScreen(page: Page, look: (screen: string) => Promise<void>): Promise<void> {
  await page.goto('/')
  await look('start')
  await page.goto('/upload')
  await look('sign-in')
  await begin(page)
  await look('upload')
  await page.goto('/gallery')
  await look('empty gallery')
  await page.goto('/upload')
  await upload(page, await portrait())
  await look('crop')
  await apply(page)
  await look('preview')
  await addPhoto(page, await portrait())
  await look('gallery')
  await page.goto('/nowhere')
  await look('not found')
}

for (const colorScheme of ['light', 'dark'] as const) {
  test(`U23, U28: axe finds no violation on any screen, ${colorScheme}`, async ({ page, witness }) => {
    await page.emulateMedia({ colorScheme })
    await everyScreen(page, async (screen) => {
      expect(await findViolations(page), screen).toEqual([])
    })
    expectOnly(witness, '404')
  })
}

test('U23: no screen scrolls sideways at 320 px', async ({ page, witness }) => {
  await page.setViewportSize({ width: 320, height: 640 })
  await everyScreen(page, async (screen) => {
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    )
    expect(overflow, screen).toBeLessThanOrEqual(0)
  })
  expectOnly(witness, '404')
})

test('U23: forced colours show the edge of every button on every screen', async ({ page, witness }) => {
  await page.emulateMedia({ forcedColors: 'active' })
  const expectEdges = async (screen: string) => {
    const edgeless = await page
      .locator('button:visible, [role=button]:visible, a.rounded-full.border:visible')
      .evaluateAll((buttons) => {
        const hasEdge = (element: Element) => {
          const { borderTopStyle, borderTopWidth, borderTopColor, backgroundColor } = getComputedStyle(element)
          const isVisible = borderTopColor !== backgroundColor && borderTopColor !== 'rgba(0, 0, 0, 0)'
          return borderTopStyle === 'solid' && Number.parseFloat(borderTopWidth) >= 1 && isVisible
        }
        // The photo in the account button has the edge.
        return buttons.filter((button) => ![button, ...button.children].some(hasEdge)).map((button) => button.outerHTML)
      })
    expect(edgeless, screen).toEqual([])
  }
  await everyScreen(page, async (screen) => {
    await expectEdges(screen)
    // The chosen option has an outline, because its background disappears.
    for (const chosen of await page.locator('label:has(input:checked):visible').all()) {
      await expect(chosen, screen).toHaveCSS('outline-style', 'solid')
    }
  })
  await page.goto('/gallery')
  await page.getByRole('button', { name: 'Account menu' }).click()
  await expectEdges('account menu')
  await page.getByRole('button', { name: 'Forget this browser' }).click()
  await expect(page.getByRole('button', { name: 'Download all' })).toBeVisible()
  await expectEdges('dialog')
  expectOnly(witness, '404')
})

test('U1, U9, U10: all three steps work by keyboard alone', async ({ page }) => {
  const press = async (name: RegExp | string) => {
    const control = page.getByRole('button', { name, exact: typeof name === 'string' })
    await expect(control).toBeEnabled()
    // Press Tab until the control has the focus.
    for (let step = 0; step < 60; step += 1) {
      if (await control.evaluate((element) => element === document.activeElement)) break
      await page.keyboard.press('Tab')
    }
    await expect(control).toBeFocused()
    await page.keyboard.press('Enter')
  }
  // Listen from the start, because Chromium cancels a file chooser that nothing waits for.
  const photo = await portrait()
  page.on('filechooser', (chooser) => chooser.setFiles(photo))
  await page.goto('/upload')
  const input = page.getByLabel('Choose a photo')
  await input.focus()
  await expect(input).toBeFocused()
  await page.keyboard.press('Enter')
  await page.waitForURL(/\/crop\/\w/)

  const editor = page.getByRole('application', { name: 'Crop editor' })
  await expect(page.getByRole('button', { name: 'Preview' })).toBeEnabled()
  await editor.focus()
  for (const key of ['+', '+', '+', 'Shift+ArrowLeft', 'ArrowUp', 'r']) await page.keyboard.press(key)
  await expect.poll(() => new URL(page.url()).searchParams.get('rotate')).toBe('90')
  await press('Preview')
  await expect(page.getByRole('heading', { name: 'How it will look' })).toBeFocused()
  await press('Save photo')
  await page.waitForURL(/\/gallery/)
  await expect(cards(page)).toHaveCount(1)
})

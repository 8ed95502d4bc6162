import type { Page } from 'playwright/test'
import { findViolations } from './find-violations'
import { addPhoto, apply, begin, upload } from './person'
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
  test(`U23, U28: axe finds no violation on any screen, ${colorScheme}`, {
    tag: colorScheme === 'dark' ? '@long' : [],
  }, async ({ page, witness }) => {
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

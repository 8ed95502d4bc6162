import type { Page } from 'playwright/test'
import { portrait, portraitArea } from '@/e2e/photos'
import { expect, expectOnly } from '@/e2e/test'
import { ApiClient } from '@/tools/testing/api-client'
import { pseudoLanguage } from '@/tools/testing/pseudo-language'
import { findTextFaults } from './inspect-texts'
import { nameOfNewBuild, test } from './two-builds'

/** Opens each menu and dialog of a page in turn. */
async function everyPopup(page: Page, look: (popup: string) => Promise<void>): Promise<void> {
  const openers = page.locator('button[aria-haspopup]:visible')
  for (let at = 0; at < (await openers.count()); at += 1) {
    const name = await openers.nth(at).evaluate((button) => button.ariaLabel ?? button.textContent ?? '')
    await openers.nth(at).click()
    await expect(page.locator('[role=menu], [role=dialog], [role=alertdialog]').first()).toBeVisible()
    await look(name)
    await page.keyboard.press('Escape')
  }
}

test('U76: no text is hard-coded, and longer texts fit', async ({ page, context, builds, witness }) => {
  builds.serve('new')
  const { origin } = builds
  await context.addCookies([{ name: 'locale', value: pseudoLanguage, url: origin }])
  const faults: string[] = []
  const open = async (path: string) => {
    await page.goto(path, { waitUntil: 'networkidle' })
    await inspect(path)
  }
  const inspect = async (screen: string) => {
    for (const width of [320, 1280]) {
      await page.setViewportSize({ width, height: 740 })
      for (const fault of await findTextFaults(page, nameOfNewBuild)) faults.push(`${screen}, ${width} px: ${fault}`)
    }
  }

  await open('/')
  await expect(page.locator('html')).toHaveAttribute('lang', pseudoLanguage)
  await open('/upload')
  const person = await ApiClient.signIn({ origin })
  const [name, value] = person.cookie.split('=') as [string, string]
  await context.addCookies([{ name, value, url: origin }])
  await open('/upload')
  await open('/upload?collection=covers')
  await open('/gallery')
  const uploadId = await person.upload(await portrait())
  await open(`/crop/${uploadId}`)
  await everyPopup(page, (popup) => inspect(`crop, ${popup}`))
  const crop = await person.crop({ uploadId, area: portraitArea() })
  await open(`/crop/${uploadId}?crop=${crop.cropId}`)
  await person.save(crop)
  await open('/gallery')
  await everyPopup(page, (popup) => inspect(`gallery, ${popup}`))
  await open('/nowhere')
  expectOnly(witness, '404')
  expect(faults).toEqual([])
})

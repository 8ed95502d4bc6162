import { everyScreen, readText } from '@/e2e/every-screen'
import { expect, expectOnly } from '@/e2e/test'
import { pseudoLanguage, pseudoMessage } from '@/tools/testing/pseudo-language'
import { findTextFaults } from './inspect-texts'
import { nameOfNewBuild, test } from './two-builds'

test('U76: no text is hard-coded, and longer texts fit', async ({ page, context, builds, witness }) => {
  builds.serve('new')
  await context.addCookies([{ name: 'locale', value: pseudoLanguage, url: builds.origin }])
  const faults: string[] = []
  const textOf = (key: string) => pseudoMessage(readText('en', key))
  await everyScreen(page, builds.origin, textOf, async (screen) => {
    for (const width of [320, 1280]) {
      await page.setViewportSize({ width, height: 740 })
      for (const fault of await findTextFaults(page, nameOfNewBuild)) faults.push(`${screen}, ${width} px: ${fault}`)
    }
  })
  await expect(page.locator('html')).toHaveAttribute('lang', pseudoLanguage)
  expectOnly(witness, '404')
  expect(faults).toEqual([])
})

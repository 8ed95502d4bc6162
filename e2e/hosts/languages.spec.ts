import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { portrait, portraitArea } from '@/e2e/photos'
import { expect, expectOnly } from '@/e2e/test'
import { projectDirectory } from '@/tools/process/project'
import { ApiClient } from '@/tools/testing/api-client'
import { pseudoLanguage, pseudoMessage } from '@/tools/testing/pseudo-language'
import { findTextFaults } from './inspect-texts'
import { nameOfNewBuild, test } from './two-builds'

/** Returns a text of the pages in the pseudo-language. @param key such as `crop.controls.help` */
function pseudoText(key: string): string {
  const [file, ...names] = key.split('.')
  const texts = JSON.parse(readFileSync(join(projectDirectory, `messages/en/${file}.json`), 'utf8'))
  return pseudoMessage(names.reduce((below, name) => below[name], texts))
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
  const press = (key: string) =>
    page
      .getByRole('button', { name: pseudoText(key) })
      .first()
      .click()
  /** Presses a button that opens a menu or a dialog. */
  const look = async (key: string) => {
    await press(key)
    await expect(page.locator('[role=menu], [role=dialog], [role=alertdialog], :popover-open').first()).toBeVisible()
    await inspect(key)
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
  await look('crop.controls.help')
  const crop = await person.crop({ uploadId, area: portraitArea() })
  await open(`/crop/${uploadId}?crop=${crop.cropId}`)
  await person.save(crop)
  const another = await person.crop({ uploadId, area: portraitArea(30) })
  await person.save(another)
  await open('/gallery')
  await page.locator('#main button[aria-haspopup=dialog]').first().click()
  await expect(page.getByRole('dialog')).toBeVisible()
  await inspect('sheet')
  await page.keyboard.press('Escape')
  await press('gallery.selectMode')
  await press('gallery.selectAll')
  await inspect('selection')
  await look('gallery.deleteSelected')
  await page.keyboard.press('Escape')
  await look('common.account.menu')
  await look('common.account.forget')
  await open('/nowhere')
  expectOnly(witness, '404')
  expect(faults).toEqual([])
})

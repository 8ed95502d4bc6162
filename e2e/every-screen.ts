import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright/test'
import { projectDirectory } from '@/tools/process/project'
import { ApiClient } from '@/tools/testing/api-client'
import { notQuite, portrait, portraitArea } from './photos'
import { expect } from './test'

/** Returns a text of the pages without arguments. @param key such as `crop.controls.help` */
export function readText(language: string, key: string): string {
  const [file, ...names] = key.split('.')
  const path = join(projectDirectory, 'messages', language, `${file}.json`)
  return names.reduce((below, name) => below[name], JSON.parse(readFileSync(path, 'utf8')))
}

/** Signs in as a guest without a page: the texts of pages depend on the language. */
export async function signInByApi(page: Page, origin: string): Promise<ApiClient> {
  const person = await ApiClient.signIn({ origin })
  const [name, value] = person.cookie.split('=') as [string, string]
  await page.context().addCookies([{ name, value, url: origin }])
  return person
}

/**
 * Opens every screen, menu and dialog in any language.
 * @param textOf returns the page's text of a key
 * @param look called on each
 */
export async function everyScreen(
  page: Page,
  origin: string,
  textOf: (key: string) => string,
  look: (screen: string) => Promise<void>,
): Promise<void> {
  const open = async (path: string) => {
    await page.goto(path, { waitUntil: 'networkidle' })
    await look(path)
  }
  const press = (key: string) =>
    page
      .getByRole('button', { name: textOf(key) })
      .first()
      .click()
  /** Presses a button that opens a menu or a dialog. */
  const lookInto = async (key: string) => {
    await press(key)
    await expect(page.locator('[role=menu], [role=dialog], [role=alertdialog], :popover-open').first()).toBeVisible()
    await look(key)
    await page.keyboard.press('Escape')
  }

  await open('/')
  await open('/upload')
  const person = await signInByApi(page, origin)
  await open('/gallery')
  await open('/upload?collection=covers')
  await page.locator('input[type=file]').first().setInputFiles(notQuite.pdf())
  await expect(page.getByRole('alert').filter({ hasText: 'really-a-pdf.jpg' })).toBeVisible()
  await look('rejected file')

  const uploadId = await person.upload(await portrait())
  await open(`/crop/${uploadId}`)
  await lookInto('crop.controls.help')
  await press('crop.controls.rotateRight')
  await lookInto('crop.controls.cancel')
  await press('crop.preview.open')
  await expect(page.getByRole('heading', { name: textOf('crop.heading.preview') })).toBeVisible()
  await look('preview')

  for (const x of [20, 30]) await person.save(await person.crop({ uploadId, area: portraitArea(x) }))
  await page.goto('about:blank')
  await open('/gallery')
  await page.locator('#main button[aria-haspopup=dialog]').first().click()
  await expect(page.getByRole('dialog')).toBeVisible()
  await look('sheet')
  await page.keyboard.press('Escape')
  await press('gallery.selectMode')
  await press('gallery.selectAll')
  await look('selection')
  await lookInto('gallery.deleteSelected')
  await press('gallery.selectDone')
  await lookInto('common.account.menu')
  await press('common.account.menu')
  await lookInto('common.account.forget')
  await page.keyboard.press('Escape')
  await open('/account')
  await lookInto('account.erase.button')
  await open('/nowhere')
}

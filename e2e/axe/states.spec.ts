import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { siteOrigin } from '@/e2e/addresses'
import { readText, signInByApi } from '@/e2e/every-screen'
import { findViolations } from '@/e2e/find-violations'
import { holdOver, transfer } from '@/e2e/person'
import { notQuite, portrait, portraitArea } from '@/e2e/photos'
import { holdUploads } from '@/e2e/slow-uploads'
import { expect, expectOnly, test } from '@/e2e/test'
import { projectDirectory } from '@/tools/process/project'

for (const language of readdirSync(join(projectDirectory, 'messages'))) {
  for (const colorScheme of ['light', 'dark'] as const) {
    test(`U28, U88: axe finds nothing in any state, ${language}, ${colorScheme}`, async ({ page, witness }) => {
      const text = (key: string) => readText(language, key)
      const button = (key: string) => page.getByRole('button', { name: text(key) }).first()
      const found: string[] = []
      const look = async (state: string) => {
        for (const violation of await findViolations(page)) found.push(`${state}: ${violation}`)
      }
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      await page.context().addCookies([{ name: 'locale', value: language, url: siteOrigin }])
      const picker = page.locator('input[type=file]:not([capture])').first()

      await page.goto('/', { waitUntil: 'networkidle' })
      await expect(page.locator('html')).toHaveAttribute('lang', new RegExp(`^${language}`))
      await look('first page')
      const endDrag = await holdOver(page, await portrait())
      await expect(page.getByText(text('upload.drop.over'))).toBeVisible()
      await look('drop overlay')
      await endDrag()
      await transfer(page, 'drop', notQuite.pdf())
      await expect(page.getByRole('alert').filter({ hasText: notQuite.pdf().name })).toBeVisible()
      await look('rejected file')

      const release = await holdUploads(page)
      await picker.setInputFiles(await portrait())
      await expect(page.getByRole('progressbar')).toBeVisible()
      await look('editor, uploading')
      await page.goBack()
      const unsaved = page.getByRole('region', { name: text('upload.unsaved.label') })
      await expect(unsaved.getByRole('progressbar')).toBeVisible()
      await look('upload outside the editor')
      await unsaved.getByRole('button', { name: text('upload.unsaved.open') }).click()
      await expect(page.getByRole('application')).toBeVisible()
      await button('upload.transfer.cancel').click()
      await expect(button('upload.stopped.retry')).toBeVisible()
      await look('editor, stopped upload')
      await release()
      await button('upload.stopped.retry').click()
      await page.waitForURL(/\/crop\/a/)
      await expect(button('crop.preview.open')).toBeEnabled()
      await look('editor')
      await button('crop.controls.help').click()
      await expect(page.getByRole('dialog')).toBeVisible()
      await look('help')
      await page.keyboard.press('Escape')
      await button('crop.controls.zoomIn').click()
      await page.keyboard.press('Escape')
      await expect(page.getByRole('alertdialog')).toBeVisible()
      await look('leave question')
      await page
        .getByRole('alertdialog')
        .getByRole('button', { name: text('crop.leaving.cancel') })
        .click()
      await button('crop.preview.open').click()
      await expect(page.getByRole('heading', { name: text('crop.heading.preview') })).toBeVisible()
      await look('preview')

      const upload = new URL(page.url()).pathname
      await page.context().clearCookies({ name: 'session' })
      await page.goto(upload)
      await expect(page.getByRole('heading', { name: text('common.otherBrowser.title') })).toBeVisible()
      await look('other browser')
      const person = await signInByApi(page, siteOrigin)
      await page.goto('/gallery')
      await expect(page.getByRole('heading', { name: text('gallery.emptyTitle') })).toBeVisible()
      await look('empty gallery')
      const uploadId = await person.upload(await portrait())
      const photos = page.getByRole('list', { name: text('gallery.list') }).getByRole('listitem')
      for (const [count, state] of [
        [1, 'gallery with one photo'],
        [4, 'gallery with many photos'],
      ] as const) {
        for (let at = await photos.count(); at < count; at += 1) {
          await person.save(await person.crop({ uploadId, area: portraitArea(20 + at) }))
        }
        await page.goto('/gallery')
        await expect(photos).toHaveCount(count)
        await look(state)
      }
      await photos.nth(1).getByRole('button').click()
      await expect(page.getByRole('dialog')).toBeVisible()
      await look('photo sheet')
      await page
        .getByRole('dialog')
        .getByRole('button', { name: text('gallery.delete') })
        .click()
      await expect(page.getByRole('dialog')).toHaveCount(0)
      await expect(button('gallery.undo')).toBeVisible()
      await look('undo')
      await button('gallery.undo').click()
      await button('gallery.selectMode').click()
      // One photo is deleted without a question.
      for (const at of [1, 2]) await photos.nth(at).getByRole('checkbox').click()
      await look('selection')
      await page
        .getByRole('region', { name: text('gallery.selection') })
        .getByRole('button', { name: text('gallery.deleteSelected') })
        .click()
      await expect(page.getByRole('alertdialog')).toBeVisible()
      await look('delete question')
      await page.keyboard.press('Escape')
      await button('gallery.selectDone').click()
      await button('common.account.menu').click()
      await expect(button('common.account.forget')).toBeVisible()
      await look('account menu')
      await button('common.account.forget').click()
      await expect(button('common.forget.download')).toBeVisible()
      await look('forget question')
      await page.goto('/nowhere')
      await look('not found')
      expectOnly(witness, '404')
      expect(found).toEqual([])
    })
  }
}

import type { Locator, Page } from 'playwright/test'
import {
  addPhoto,
  alertSaying,
  apply,
  begin,
  cards,
  deletePhoto,
  editorReady,
  openPhoto,
  save,
  signIn,
  upload,
} from './person'
import { portrait, variety } from './photos'
import { expect, expectOnly, test } from './test'

/** Returns the path of a card's image: its URL without the signature. */
async function imagePathOf(card: Locator): Promise<string> {
  return new URL((await card.getByRole('img').getAttribute('src')) as string).pathname
}

test('a photo is uploaded, cropped and saved, with steps on different hosts', async ({ page, witness }) => {
  await begin(page)
  const photo = await variety.phone()
  await upload(page, photo)
  await apply(page)
  await save(page)

  await expect(cards(page)).toHaveCount(1)
  await expect(cards(page).first()).toContainText('In use')
  await expect(page.getByRole('banner').getByRole('img', { name: 'Your profile photo' })).toBeVisible()
  expect(new Set(witness.servedBy).size, `hosts: ${witness.servedBy.join(', ')}`).toBeGreaterThan(1)
  // The photo goes straight to the store, so hosts get only forms and JSON.
  expect(photo.buffer.length).toBeGreaterThan(500_000)
  expect(witness.largestBodyToHosts).toBeLessThan(16_000)
})

test.describe('before a page has hydrated', () => {
  /** Opens a page, acts on it while its scripts are held back, then releases them. */
  async function doEarly(page: Page, path: string, work: () => Promise<void>): Promise<void> {
    let releaseScripts = () => {}
    const scriptsReleased = new Promise<void>((resolve) => {
      releaseScripts = resolve
    })
    const scripts = /\/_next\/static\/.*\.js/
    await page.route(scripts, async (route) => {
      await scriptsReleased
      await route.continue()
    })
    await page.goto(path, { waitUntil: 'commit' })
    await work()
    releaseScripts()
  }

  test('a chosen file is kept and uploaded', async ({ page }) => {
    await begin(page)
    const photo = await portrait()
    await doEarly(page, '/upload', () => page.getByLabel('Choose a photo').setInputFiles(photo))
    await page.waitForURL(/\/crop\/\w/)
    await editorReady(page)
  })
})

test('"Crop again" opens with the saved crop and adds a new image', async ({ page }) => {
  await begin(page)
  await upload(page, await portrait())
  await page.getByRole('button', { name: 'Rotate 90° right' }).click()
  await page.getByRole('button', { name: 'Flip horizontally' }).click()
  await page.getByRole('button', { name: 'Zoom in' }).click()
  await expect.poll(() => new URL(page.url()).search).toContain('rotate=')
  await apply(page)
  const saved = new URL(page.url()).searchParams
  await save(page)
  const before = await cards(page).first().getByRole('img').getAttribute('src')

  await (await openPhoto(page)).getByRole('button', { name: /^Crop again/ }).click()
  await page.waitForURL(/\/crop\/\w/)
  await editorReady(page)
  await apply(page)
  const again = new URL(page.url()).searchParams
  for (const name of ['area', 'rotate', 'flip']) expect(again.get(name)).toBe(saved.get(name))
  await save(page)

  await expect(cards(page)).toHaveCount(2)
  await expect(cards(page).nth(0)).toContainText('In use')
  await expect(cards(page).nth(1)).not.toContainText('In use')
  const older = await cards(page).nth(1).getByRole('img').getAttribute('src')
  expect(new URL(older as string).pathname).toBe(new URL(before as string).pathname)
})

test('U17, U20, U21, U22: the gallery sets, clears and deletes photos', async ({ page }) => {
  await begin(page)
  await addPhoto(page, await portrait())
  await addPhoto(page, await variety.landscape())
  await expect(cards(page)).toHaveCount(2)
  const banner = page.getByRole('banner')
  const newest = await banner.getByRole('img', { name: 'Your profile photo' }).getAttribute('src')

  const older = (await cards(page).nth(1).getAttribute('id')) as string
  await (await openPhoto(page, 1)).getByRole('button', { name: /^Use this photo: Photo from/ }).click()
  await expect(cards(page).first()).toHaveAttribute('id', older)
  await expect(cards(page).first()).toContainText('In use')
  await expect(banner.getByRole('img', { name: 'Your profile photo' })).not.toHaveAttribute('src', newest as string)

  await cards(page)
    .first()
    .getByRole('button', { name: /^Stop using: Photo from/ })
    .click()
  await expect(banner.getByRole('img', { name: 'Your profile photo' })).toHaveCount(0)
  await expect(cards(page).getByText('In use', { exact: true })).toHaveCount(0)

  await (await openPhoto(page)).getByRole('button', { name: /^Use this photo/ }).click()
  await expect(cards(page).first()).toContainText('In use')
  await (await openPhoto(page)).getByRole('button', { name: /^Delete: Photo from/ }).click()
  await expect(page.getByText('Photo deleted. We show your initials until you choose another.')).toBeVisible()
  await expect(cards(page)).toHaveCount(1)
  await page.reload()
  await expect(cards(page)).toHaveCount(1)
  await expect(banner.getByRole('img', { name: 'Your profile photo' })).toHaveCount(0)
})

test('downloads are attachments with a file name', async ({ page, request }) => {
  await begin(page)
  const photo = await portrait()
  await addPhoto(page, photo)
  const sheet = await openPhoto(page)
  for (const [name, type] of [
    [/^Download: /, 'image/webp'],
    [/^Download original/, 'image/jpeg'],
  ] as const) {
    const href = await sheet.getByRole('link', { name }).getAttribute('href')
    const answer = await request.get(href as string)
    expect(answer.headers()['content-disposition']).toContain('attachment')
    expect(answer.headers()['content-type']).toBe(type)
    if (type === 'image/jpeg') expect(await answer.body()).toEqual(photo.buffer)
  }
})

test('U15: every step reopens by its address, in another tab or on another host', async ({ page, context }) => {
  await begin(page)
  await upload(page, await portrait())
  await page.getByRole('button', { name: 'Zoom in' }).click()
  await page.getByRole('button', { name: 'Move photo left' }).click()
  await expect.poll(() => new URL(page.url()).searchParams.get('area')).not.toBeNull()
  const area = new URL(page.url()).searchParams.get('area')

  await page.reload()
  await editorReady(page)
  await apply(page)
  expect(new URL(page.url()).searchParams.get('area')).toBe(area)

  const tab = await context.newPage()
  await tab.goto(page.url())
  await expect(tab.getByRole('heading', { name: 'How it will look' })).toBeVisible()
  await save(tab)
  await expect(cards(tab)).toHaveCount(1)
})

test('U17: a save renders the gallery once, and the header shows the new photo', async ({ page }) => {
  await begin(page)
  await addPhoto(page, await portrait())
  const banner = page.getByRole('banner').getByRole('img', { name: 'Your profile photo' })
  const older = (await banner.getAttribute('src')) as string
  await page.goto('/upload')
  await upload(page, await variety.landscape())
  await apply(page)
  const renders: string[] = []
  page.on('request', (request) => {
    const isPrefetch = 'next-router-prefetch' in request.headers()
    if (new URL(request.url()).pathname === '/gallery' && !isPrefetch) renders.push(request.url())
  })
  await save(page)
  await expect(cards(page)).toHaveCount(2)
  await expect(banner).not.toHaveAttribute('src', older)
  await page.waitForLoadState('networkidle')
  expect(renders).toHaveLength(1)
  // From here on the header shows what the server renders.
  await cards(page)
    .nth(0)
    .getByRole('button', { name: /^Stop using/ })
    .click()
  await expect(banner).toHaveCount(0)
})

test('Back after a save restores the crop, and another crop can be saved', async ({ page }) => {
  await begin(page)
  const navigation = page.getByRole('navigation', { name: 'Main' })
  await navigation.getByRole('link', { name: 'Your photos' }).click()
  await expect(page.getByRole('heading', { name: 'No photos yet' })).toBeVisible()
  await page.getByRole('main').getByRole('link', { name: 'Add a photo' }).click()
  await upload(page, await portrait())
  await page.getByRole('button', { name: 'Rotate 90° right' }).click()
  await apply(page)
  await save(page)
  const first = await imagePathOf(cards(page))

  const renders: string[] = []
  page.on('request', (request) => {
    const isPrefetch = 'next-router-prefetch' in request.headers()
    if (new URL(request.url()).pathname.startsWith('/crop/') && !isPrefetch) renders.push(request.url())
  })
  await page.goBack()
  await expect(page.getByRole('heading', { name: 'How it will look' })).toBeVisible()
  await page.goBack()
  await editorReady(page)
  // The tab knows the editor and its crops.
  await page.waitForLoadState('networkidle')
  expect(renders).toEqual([])
  await page.getByRole('button', { name: 'Zoom in' }).click()
  await apply(page)
  expect(new URL(page.url()).searchParams.get('rotate')).toBe('90')
  await save(page)
  await expect(cards(page)).toHaveCount(2)
  await expect(cards(page).filter({ hasText: 'Stop using' })).toHaveCount(1)
  expect(await imagePathOf(cards(page).filter({ hasText: 'Stop using' }))).not.toBe(first)

  // The first page of this history was an empty gallery.
  // Between them: the second preview and its editor.
  for (const path of ['/crop/', '/crop/', '/upload', '/gallery']) {
    await page.goBack()
    await page.waitForURL((url) => url.pathname.startsWith(path))
  }
  await expect(cards(page)).toHaveCount(2)
})

test('Back and Forward to an unsaved crop restore it after a reload', async ({ page }) => {
  await begin(page)
  await upload(page, await portrait())
  await page.reload()
  await editorReady(page)
  await page.getByRole('button', { name: 'Tilt right' }).click()
  await expect.poll(() => new URL(page.url()).searchParams.get('rotate')).toBe('0.5')
  await page.goBack()
  await expect(page.getByRole('heading', { name: 'Upload a photo' })).toBeVisible()
  await page.goForward()
  await editorReady(page)
  await expect(page.getByRole('slider', { name: 'Straighten' })).toHaveAttribute('aria-valuetext', '0.5°')
})

test('U17: other tabs show a new photo without a reload', async ({ page, context }) => {
  await begin(page)
  const watching = await context.newPage()
  await watching.goto('/gallery')
  await expect(watching.getByRole('heading', { name: 'No photos yet' })).toBeVisible()
  await addPhoto(page, await portrait())
  await expect(cards(watching)).toHaveCount(1)
  await expect(watching.getByRole('banner').getByRole('img', { name: 'Your profile photo' })).toBeVisible()
})

test('U16: a double click saves once, and another tab saves another crop', async ({ page, context }) => {
  await begin(page)
  await upload(page, await portrait())
  await apply(page)
  const tab = await context.newPage()
  await tab.goto(page.url())
  await tab.getByRole('button', { name: 'Back to editing' }).click()
  await tab.getByRole('button', { name: 'Zoom in' }).click()
  await apply(tab)
  await page.getByRole('button', { name: 'Save photo' }).dblclick()
  await page.waitForURL(/\/gallery/)
  await expect(cards(page)).toHaveCount(1)
  await save(tab)
  await expect(cards(tab)).toHaveCount(2)
})

test('a crop of a deleted photo is not saved again, and the page offers what to do', async ({ page, context }) => {
  await begin(page)
  await upload(page, await portrait())
  await apply(page)
  const tab = await context.newPage()
  await tab.goto(page.url())
  await save(page)
  await deletePhoto(page)
  await expect(cards(page)).toHaveCount(0)

  await tab.getByRole('button', { name: 'Save photo' }).click()
  await expect(alertSaying(tab, 'You deleted this photo.')).toHaveAttribute('data-code', 'deleted')
  await expect(alertSaying(tab, 'You deleted this photo.').getByRole('link', { name: 'Upload it again' })).toBeVisible()
  await tab.getByRole('button', { name: 'Crop differently' }).click()
  await editorReady(tab)
  await tab.getByRole('button', { name: 'Zoom in' }).click()
  await apply(tab)
  await save(tab)
  await expect(cards(tab)).toHaveCount(1)
})

test('a crop can be saved without the original that another save erased', async ({ page, context }) => {
  await begin(page)
  await upload(page, await portrait())
  await apply(page)
  const tab = await context.newPage()
  await tab.goto(page.url())
  await tab.getByRole('button', { name: 'Back to editing' }).click()
  await tab.getByRole('button', { name: 'Zoom in' }).click()
  await apply(tab)
  await page.getByRole('switch', { name: /^Keep the original/ }).uncheck()
  await save(page)
  await tab.getByRole('button', { name: 'Save photo' }).click()
  await tab.getByRole('button', { name: 'Save without the original' }).click()
  await tab.waitForURL(/\/gallery/)
  await expect(cards(tab)).toHaveCount(2)
})

test('U26: the same guest returns to the same step after the session ended', async ({ page, context, witness }) => {
  await begin(page)
  await upload(page, await portrait())
  await apply(page)
  const step = page.url()
  const cookies = await context.cookies()
  await context.clearCookies()
  await page.reload()
  await expect(page.getByRole('heading', { name: 'This photo was started in another browser' })).toBeVisible()
  expect(page.url()).toBe(step)
  // The same person comes back (a guest's identity is the cookie).
  await context.addCookies(cookies)
  await page.reload()
  await expect(page.getByRole('heading', { name: 'How it will look' })).toBeVisible()
  // A new guest at the same address gets a 404.
  await context.clearCookies()
  await signIn(page)
  await page.reload()
  await expect(page.getByRole('heading', { name: 'Page not found' })).toBeVisible()
  expectOnly(witness, '404')
})

import type { Locator, Page } from 'playwright/test'
import { ApiClient } from '@/tools/testing/api-client'
import { siteOrigin } from './addresses'
import { findViolations } from './find-violations'
import { addPhoto, begin, cards, openPhoto } from './person'
import { movingGif, type Photo, portrait } from './photos'
import { expect, test } from './test'

/** Signs in as a new guest, saves crops of a photo through the API, and opens the gallery. The last one is in use. */
async function openGallery(page: Page, count: number, photo?: Photo): Promise<void> {
  const client = await ApiClient.signIn({ origin: siteOrigin })
  let uploadId = ''
  for (let at = 0; at < count; at += 1) {
    // An upload has at most 20 images.
    if (at % 20 === 0) uploadId = await client.upload(photo ?? (await portrait()))
    const { cropId } = await client.crop({ uploadId, area: { x: at, y: 30, width: 300, height: 300 } })
    await client.save({ uploadId, cropId })
  }
  const [name = '', ...value] = client.cookie.split('=')
  await page.context().addCookies([{ name, value: value.join('='), url: siteOrigin }])
  // The server renders times in UTC; the names of photos change once scripts run.
  await page.goto('/gallery', { waitUntil: 'networkidle' })
  await expect(page.getByRole('heading', { name: 'Your photos' })).toBeVisible()
}

const idOf = async (photo: Locator) => (await photo.getAttribute('id')) as string
const undoButton = (page: Page) => page.getByRole('button', { name: /^Undo: Photo from/ })
const savedPhotos = async (page: Page) => (await (await page.request.get('/api/images')).json()).images.length
const status = (page: Page, text: string) => page.getByRole('status').filter({ hasText: text })

test('U20, U55, U56: a photo opens by keyboard, and each of its controls has its name', async ({ page }) => {
  await openGallery(page, 2)
  const tile = cards(page).nth(1).getByRole('button')
  // Both photos are crops of one upload.
  const alts = await cards(page)
    .getByRole('img')
    .evaluateAll((images) => images.map((image) => image.getAttribute('alt')))
  expect(alts.toSorted()).toEqual([
    expect.stringMatching(/^Photo from .*\d\d:\d\d$/),
    expect.stringMatching(/^Photo from .*\d\d:\d\d \(2\)$/),
  ])
  const name = (await tile.getByRole('img').getAttribute('alt')) as string
  await tile.focus()
  await page.keyboard.press('Enter')
  const sheet = page.getByRole('dialog', { name })
  for (const action of ['Use this photo', 'Crop again', 'Delete'])
    await expect(sheet.getByRole('button', { name: `${action}: ${name}`, exact: true })).toBeVisible()
  for (const action of ['Download', 'Download original'])
    await expect(sheet.getByRole('link', { name: `${action}: ${name}`, exact: true })).toBeVisible()
  await expect(sheet.getByRole('textbox', { name: `Description of ${name}` })).toBeVisible()
  expect(await findViolations(page)).toEqual([])
  await page.keyboard.press('Escape')
  await expect(sheet).toHaveCount(0)
  await expect(tile).toBeFocused()
})

test('U56: Back closes an open photo, then leaves the gallery', async ({ page }) => {
  await openGallery(page, 2)
  await page.goto('/', { waitUntil: 'networkidle' })
  await page.getByRole('navigation').getByRole('link', { name: 'Your photos' }).click()
  await page.waitForURL('/gallery')
  const sheet = await openPhoto(page, 1)
  await expect(sheet).toBeVisible()
  await page.evaluate(() => window.history.back())
  await expect(sheet).toHaveCount(0)
  await expect(cards(page).nth(1).getByRole('button')).toBeFocused()
  expect(new URL(page.url()).pathname).toBe('/gallery')
  await page.goBack()
  await page.waitForURL('/')
})

test('U21, U57: a deleted photo hides at once, stays hidden in a refresh, and comes back with Undo', async ({
  page,
}) => {
  await openGallery(page, 3)
  const tile = cards(page).nth(1)
  const id = await idOf(tile)
  const photo = page.locator(`#${id}`)
  await (await openPhoto(page, 1)).getByRole('button', { name: /^Delete/ }).click()
  await expect(photo).toHaveCount(0)
  await expect(undoButton(page)).toBeFocused()
  await expect(undoButton(page)).toHaveAccessibleDescription('Photo deleted.')
  // As if another tab had changed something.
  const refreshed = page.waitForResponse(/\/gallery\?.*_rsc=/)
  await page.evaluate(() => new BroadcastChannel('photo-changes').postMessage('changed'))
  await refreshed
  await page.waitForLoadState('networkidle')
  await expect(photo).toHaveCount(0)
  expect(await savedPhotos(page)).toBe(3)
  expect(await findViolations(page)).toEqual([])
  await page.keyboard.press('Enter')
  await expect(photo.getByRole('button')).toBeFocused()
  await expect(status(page, 'Photo restored.')).toBeAttached()
  await expect(cards(page)).toHaveCount(3)
  await expect(undoButton(page)).toHaveCount(0)
})

test('U21, U57: a deletion is sent after ten seconds, and the focus moves to a neighbour', async ({ page }) => {
  await page.clock.install()
  await openGallery(page, 3)
  const neighbour = await idOf(cards(page).nth(2))
  await (await openPhoto(page, 1)).getByRole('button', { name: /^Delete/ }).click()
  await expect(undoButton(page)).toBeFocused()
  await page.clock.runFor('00:09')
  expect(await savedPhotos(page)).toBe(3)
  await page.clock.runFor('00:02')
  await expect(page.locator(`#${neighbour}`).getByRole('button')).toBeFocused()
  await expect.poll(() => savedPhotos(page)).toBe(2)
})

test('U57: a deletion is sent when another photo is deleted, and when the page is left', async ({ page }) => {
  await openGallery(page, 4)
  const [, first, second, third] = await Promise.all([0, 1, 2, 3].map((at) => idOf(cards(page).nth(at))))
  const press = async (id = '') => {
    await page.locator(`#${id}`).getByRole('button').click()
    await page
      .getByRole('dialog')
      .getByRole('button', { name: /^Delete/ })
      .click()
  }
  await press(first)
  await press(second)
  await expect.poll(() => savedPhotos(page)).toBe(3)
  // A link to another page of the site.
  await page.getByRole('main').getByRole('link', { name: 'Add a photo' }).click()
  await expect.poll(() => savedPhotos(page)).toBe(2)
  await page.goto('/gallery')
  await press(third)
  await page.goto('/livez')
  await expect.poll(() => savedPhotos(page)).toBe(1)
})

test('U58: a description can be written under the photo that was just saved', async ({ page }) => {
  await begin(page)
  await addPhoto(page, await portrait())
  const saved = cards(page).first()
  await expect(saved).toContainText('In use')
  await saved.getByRole('textbox', { name: /^Description of Photo from/ }).fill('In orange')
  await page.keyboard.press('Enter')
  await expect(saved.getByRole('img', { name: 'In orange' })).toBeVisible()
  await expect(saved.getByRole('button', { name: 'Crop again: In orange' })).toBeVisible()
  await page.reload()
  await expect(saved.getByRole('textbox', { name: 'Description of In orange' })).toHaveValue('In orange')
})

test('U59: the photos used before are one press away, also after "Stop using"', async ({ page }) => {
  await openGallery(page, 3)
  const before = page.getByRole('region', { name: 'Used before' }).getByRole('button')
  const last = await idOf(cards(page).first())
  const lastName = (await cards(page).first().getByRole('img').first().getAttribute('alt')) as string
  await expect(before).toHaveCount(2)
  await before.first().click()
  await expect(cards(page).first()).not.toHaveAttribute('id', last)
  await expect(cards(page).first().getByRole('button').first()).toBeFocused()
  await expect(status(page, 'This is your profile photo now.')).toBeAttached()
  await page.getByRole('button', { name: /^Stop using/ }).click()
  await expect(page.getByText('No profile photo is in use, so we show your initials.')).toBeVisible()
  await expect(before).toHaveCount(2)
  await page.getByRole('button', { name: `Use again: ${lastName}`, exact: true }).click()
  await expect(cards(page).first()).toHaveAttribute('id', last)
})

test('U60: without a guest the gallery is empty and leads to a first photo', async ({ page }) => {
  for (const [path, title, link] of [
    ['/gallery', 'No photos in this browser yet', 'Add a photo'],
    ['/gallery?collection=covers', 'No covers in this browser yet', 'Add a cover'],
  ] as const) {
    await page.goto(path)
    await expect(page.getByRole('heading', { name: title })).toBeVisible()
    await expect(page.getByRole('main').getByRole('link', { name: link })).toBeVisible()
    expect(await findViolations(page)).toEqual([])
  }
})

test('U21, U61: several photos are selected by tile and deleted after one question', async ({ page }) => {
  await openGallery(page, 3)
  await page.getByRole('button', { name: 'Select', exact: true }).click()
  // The first one is in use.
  await cards(page).nth(0).getByRole('checkbox').press('Space')
  await cards(page).nth(2).getByRole('checkbox').press('Enter')
  await expect(
    cards(page)
      .nth(2)
      .getByRole('checkbox', { name: /^Photo from/ }),
  ).toBeChecked()
  expect(await findViolations(page)).toEqual([])
  await page.getByRole('region', { name: 'Selection' }).getByRole('button', { name: 'Delete' }).click()
  await expect(page.getByRole('alertdialog')).toContainText('Your profile photo is among them.')
  await page.getByRole('alertdialog').getByRole('button', { name: 'Delete 2 photos' }).click()
  await expect(cards(page)).toHaveCount(1)
  await expect(cards(page).getByRole('button').first()).toBeFocused()
  expect(await savedPhotos(page)).toBe(1)
})

test.describe('with a touch screen', () => {
  test.use({ hasTouch: true, viewport: { width: 360, height: 740 } })

  test('U61: a long press begins the selection, a tap opens the photo', async ({ page }) => {
    await openGallery(page, 3)
    const tile = cards(page).nth(1)
    await tile.scrollIntoViewIfNeeded()
    const { x, y, width, height } = (await tile.boundingBox()) as {
      x: number
      y: number
      width: number
      height: number
    }
    const touch = await page.context().newCDPSession(page)
    const at = { x: x + width / 2, y: y + height / 2 }
    await touch.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [at] })
    await expect(page.getByRole('region', { name: 'Selection' })).toContainText('1 selected')
    await touch.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] })
    await expect(tile.getByRole('checkbox')).toBeChecked()
    await cards(page).nth(2).getByRole('checkbox').tap()
    await expect(page.getByRole('region', { name: 'Selection' })).toContainText('2 selected')
    await page.getByRole('button', { name: 'Done' }).tap()
    await tile.getByRole('button').tap()
    const sheet = page.getByRole('dialog')
    await expect(sheet).toBeVisible()
    const bottom = () => sheet.evaluate((element) => Math.round(element.getBoundingClientRect().bottom))
    await expect.poll(bottom, 'a sheet at the bottom').toBe(740)
  })
})

test('U62: a moving photo can be paused, and moves only where it is large', async ({ page }) => {
  await openGallery(page, 2, await movingGif())
  const large = cards(page).first().getByRole('img').first()
  const shown = (image: Locator) => image.evaluate((element: HTMLImageElement) => element.currentSrc)
  await expect.poll(() => shown(large)).toMatch(/\/\d+\.webp/)
  await expect.poll(() => shown(cards(page).nth(1).getByRole('img'))).toMatch(/-poster\.webp/)
  await page.getByRole('button', { name: /^Pause: Photo from/ }).click()
  await expect.poll(() => shown(large)).toMatch(/-poster\.webp/)
  await page.getByRole('button', { name: /^Play: Photo from/ }).click()
  await expect.poll(() => shown(large)).toMatch(/\/\d+\.webp/)
  await page.emulateMedia({ reducedMotion: 'reduce' })
  await expect.poll(() => shown(large)).toMatch(/-poster\.webp/)
  await expect(page.getByRole('button', { name: /^Pause/ })).toHaveCount(0)
})

test('U19, U22, U28: further photos load on demand, and Back restores the place', async ({ page }) => {
  await page.addInitScript(() => {
    Object.assign(window, { shifts: 0 })
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries())
        Object.assign(window, { shifts: Reflect.get(window, 'shifts') + Reflect.get(entry, 'value') })
    }).observe({ type: 'layout-shift', buffered: true })
  })
  await openGallery(page, 27)
  await expect(cards(page)).toHaveCount(24)
  const image = (at: number) => cards(page).nth(at).getByRole('img').first()
  await expect(image(0)).toHaveAttribute('fetchpriority', 'high')
  await expect(image(1)).toHaveAttribute('loading', 'eager')
  await expect(image(23)).toHaveAttribute('loading', 'lazy')
  await expect.poll(() => image(1).evaluate((element: HTMLImageElement) => element.currentSrc)).toContain('/256.webp')
  await page.waitForLoadState('networkidle')
  expect(await page.evaluate(() => Reflect.get(window, 'shifts'))).toBeLessThan(0.02)

  await page.getByRole('button', { name: 'Load more' }).click()
  await expect(cards(page)).toHaveCount(27)
  await expect(cards(page).nth(24).getByRole('button')).toBeFocused()
  await expect(status(page, '3 more photos, 27 in total')).toBeAttached()
  const lastId = await idOf(cards(page).last())
  const last = page.locator(`#${lastId}`)
  await last.getByRole('button').scrollIntoViewIfNeeded()
  const place = await page.evaluate(() => window.scrollY)
  await page
    .getByRole('link', { name: 'anyhost' })
    .first()
    .evaluate((link: HTMLElement) => link.click())
  await page.waitForURL((url) => url.pathname === '/')
  await page.goBack()
  await expect(cards(page)).toHaveCount(27)
  await expect.poll(() => page.evaluate(() => window.scrollY)).toBe(place)

  // A photo in use that is older than the first page.
  await last.getByRole('button').click()
  await page
    .getByRole('dialog')
    .getByRole('button', { name: /^Use this photo/ })
    .click()
  await expect(cards(page).first()).toHaveAttribute('id', lastId)
  await page.reload()
  await expect(cards(page).first()).toHaveAttribute('id', lastId)
  await expect(cards(page)).toHaveCount(25)
})

import type { Page } from 'playwright/test'
import { storeOrigin } from '@/e2e/addresses'
import { alertSaying, apply, begin, cards, editorReady, finish, requestCrop, save, upload } from '@/e2e/person'
import { notQuite, type Photo, portrait } from '@/e2e/photos'
import { otherBytes, tamperUploads } from '@/e2e/tamper'
import { expect, expectOnly, test } from '@/e2e/test'

const picker = (page: Page) => page.getByLabel(/^Choose a/)

/** Takes this file past the browser's own checks, which see a portrait: only what reaches the store is it. */
async function smuggle(page: Page, photo: Photo): Promise<string> {
  const stop = await tamperUploads(page, storeOrigin, otherBytes(photo.buffer))
  await picker(page).setInputFiles(await portrait())
  await page.waitForURL(/\/crop\//)
  await stop()
  return new URL(page.url()).pathname.split('/')[2] as string
}

test('U1, U2, U3: a wrong type, an empty file and several at once are refused before any request, by name', async ({
  page,
}) => {
  await begin(page)
  const requests: string[] = []
  page.on('request', (request) => requests.push(`${request.method()} ${request.url()}`))

  await picker(page).setInputFiles({ name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('hello') })
  await expect(alertSaying(page, 'notes.txt')).toContainText('JPEG')
  await expect(alertSaying(page, 'notes.txt')).toContainText('Code: unsupported_type')
  await picker(page).setInputFiles({ name: 'nothing.jpg', mimeType: 'image/jpeg', buffer: Buffer.alloc(0) })
  await expect(alertSaying(page, 'nothing.jpg')).toContainText('empty')
  const dropped = await page.evaluateHandle(() => {
    const files = new DataTransfer()
    for (const name of ['one.jpg', 'two.jpg']) files.items.add(new File(['x'], name, { type: 'image/jpeg' }))
    return files
  })
  await page.getByText('or drop it here').dispatchEvent('drop', { dataTransfer: dropped })
  await expect(alertSaying(page, 'You chose 2 files.')).toContainText('Choose one photo at a time.')
  expect(requests.filter((request) => request.startsWith('POST'))).toEqual([])

  // And the way on is open.
  await upload(page, await portrait())
  await finish(page)
})

test('S15: a PDF, an SVG and a page that call themselves JPEGs are refused before any request', async ({ page }) => {
  await begin(page)
  const posts: string[] = []
  page.on('request', (request) => request.method() === 'POST' && posts.push(request.url()))
  for (const lie of [notQuite.pdf(), notQuite.svg(), notQuite.html()]) {
    await picker(page).setInputFiles(lie)
    await expect(alertSaying(page, lie.name)).toContainText('Code: unreadable_image')
  }
  expect(posts).toEqual([])
  await upload(page, await portrait())
})

for (const kind of ['pdf', 'svg', 'html'] as const) {
  const lie = notQuite[kind]()
  test(`S14, S15: a ${kind} that got past the browser is told for what it is, with a way on`, async ({ page }) => {
    await begin(page)
    const uploadId = await smuggle(page, lie)
    const alert = alertSaying(page, 'We cannot show this photo.')
    await expect(alert).toContainText('This browser cannot open the file')
    await expect(alert).toContainText('Code: unreadable_image')
    await expect(page.getByRole('button', { name: 'Apply' })).toBeDisabled()
    // Who asks a host for it without a screen gets no further.
    const answer = await requestCrop(page, uploadId)
    expect([answer.status(), (await answer.json()).code]).toEqual([415, 'unsupported_type'])

    await alert.getByRole('link', { name: 'Choose another photo' }).click()
    await upload(page, await portrait())
    await finish(page)
  })
}

test('S15: a PNG that calls itself a JPEG is fine, and is kept as what it is', async ({ page, request }) => {
  await begin(page)
  const photo = await notQuite.png()
  await upload(page, photo)
  await apply(page)
  await save(page)
  await cards(page)
    .first()
    .getByRole('button', { name: /^More actions for photo/ })
    .click()
  const original = await page.getByRole('menuitem', { name: /^Download original/ }).getAttribute('href')
  const answer = await request.get(original as string)
  expect(answer.headers()['content-disposition']).toMatch(/^attachment; filename=".*\.png"$/)
  expect(await answer.body()).toEqual(photo.buffer)
})

test('S17: a truncated picture is refused at the crop, with a code and a way on', async ({ page, witness }) => {
  await begin(page)
  await upload(page, await notQuite.truncated())
  await page.getByRole('button', { name: 'Apply' }).click()
  const alert = alertSaying(page, 'We could not read this photo.')
  await expect(alert).toContainText('Code: unreadable_image')
  expectOnly(witness, '422')
  await alert.getByRole('link', { name: 'Choose another photo' }).click()
  await upload(page, await portrait())
  await finish(page)
})

test('S16: a PNG that says 65,000² pixels gets no further than its header, here as there', async ({ page }) => {
  await begin(page)
  await picker(page).setInputFiles(notQuite.bomb())
  const refusal = alertSaying(page, notQuite.bomb().name)
  await expect(refusal).toBeVisible()

  await page.reload()
  const uploadId = await smuggle(page, notQuite.bomb())
  const answer = await requestCrop(page, uploadId)
  expect([answer.status(), (await answer.json()).code]).toEqual([422, 'too_many_pixels'])
  await expect(alertSaying(page, 'We cannot show this photo.')).toContainText('Code: ')
  await page.getByRole('link', { name: 'Choose another photo' }).click()
  await upload(page, await portrait())
  await editorReady(page)
})

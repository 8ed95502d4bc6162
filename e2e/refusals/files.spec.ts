import type { Page } from 'playwright/test'
import { storeOrigin } from '@/e2e/addresses'
import { alertSaying, apply, begin, editorReady, finish, openPhoto, requestCrop, save, upload } from '@/e2e/person'
import { notQuite, oddFiles, type Photo, portrait } from '@/e2e/photos'
import { otherBytes, tamperUploads } from '@/e2e/tamper'
import { expect, expectOnly, test } from '@/e2e/test'

const picker = (page: Page) => page.getByLabel(/^Choose a/)

/** Uploads a file past the browser's checks, which see a portrait. @returns the uploadId */
async function smuggle(page: Page, photo: Photo): Promise<string> {
  const stop = await tamperUploads(page, storeOrigin, otherBytes(photo.buffer))
  await picker(page).setInputFiles(await portrait())
  await page.waitForURL(/\/crop\/\w/)
  await stop()
  // The open editor shows the local file. After a reload, it is the one in the store.
  await page.reload()
  return new URL(page.url()).pathname.split('/')[2] as string
}

test('U1, U2, U3: rejects wrong, empty and multiple files before any request', async ({ page }) => {
  await begin(page)
  const requests: string[] = []
  page.on('request', (request) => requests.push(`${request.method()} ${request.url()}`))

  await picker(page).setInputFiles({ name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('hello') })
  await expect(alertSaying(page, 'notes.txt')).toContainText('JPEG')
  await expect(alertSaying(page, 'notes.txt')).toHaveAttribute('data-code', 'unsupported_type')
  await picker(page).setInputFiles({ name: 'nothing.jpg', mimeType: 'image/jpeg', buffer: Buffer.alloc(0) })
  await expect(alertSaying(page, 'nothing.jpg')).toContainText('empty')
  const dropped = await page.evaluateHandle(() => {
    const files = new DataTransfer()
    for (const name of ['one.jpg', 'two.jpg']) files.items.add(new File(['x'], name, { type: 'image/jpeg' }))
    return files
  })
  await page.getByText('Or drop or paste a photo anywhere').dispatchEvent('drop', { dataTransfer: dropped })
  await expect(alertSaying(page, 'You chose 2 files.')).toContainText('Choose one photo at a time.')
  expect(requests.filter((request) => request.startsWith('POST'))).toEqual([])

  // A good photo still works.
  await upload(page, await portrait())
  await finish(page)
})

test('S15: rejects a PDF, SVG or HTML file named .jpg before any request', async ({ page }) => {
  await begin(page)
  const posts: string[] = []
  page.on('request', (request) => request.method() === 'POST' && posts.push(request.url()))
  for (const file of [notQuite.pdf(), notQuite.svg(), notQuite.html()]) {
    await picker(page).setInputFiles(file)
    await expect(alertSaying(page, file.name)).toHaveAttribute('data-code', 'unsupported_type')
  }
  expect(posts).toEqual([])
  await upload(page, await portrait())
})

for (const kind of ['pdf', 'svg', 'html'] as const) {
  const file = notQuite[kind]()
  test(`S14, S15: rejects a ${kind} that got past the browser’s checks`, async ({ page }) => {
    await begin(page)
    const uploadId = await smuggle(page, file)
    const alert = alertSaying(page, 'We cannot show this photo.')
    await expect(alert).toContainText('This browser cannot open the file')
    await expect(alert).toHaveAttribute('data-code', 'unreadable_image')
    await expect(page.getByRole('button', { name: 'Preview' })).toBeDisabled()
    // The API rejects it too.
    const answer = await requestCrop(page, uploadId)
    expect([answer.status(), (await answer.json()).code]).toEqual([415, 'unsupported_type'])

    await alert.getByRole('link', { name: 'Choose another photo' }).click()
    await upload(page, await portrait())
    await finish(page)
  })
}

test('S15: accepts a PNG named .jpg and keeps its original as PNG', async ({ page, request }) => {
  await begin(page)
  const photo = await notQuite.png()
  await upload(page, photo)
  await apply(page)
  await save(page)
  const sheet = await openPhoto(page)
  const original = await sheet.getByRole('link', { name: /^Download original/ }).getAttribute('href')
  const answer = await request.get(original as string)
  expect(answer.headers()['content-disposition']).toMatch(/^attachment; filename=".*\.png"$/)
  expect(await answer.body()).toEqual(photo.buffer)
})

for (const [what, photo] of Object.entries(oddFiles)) {
  test(`S15, S17: crops and saves ${what}`, async ({ page }) => {
    await begin(page)
    await upload(page, await photo())
    await finish(page)
  })
}

test('S16, S17, U2: rejects what hosts would reject, before any request', async ({ page }) => {
  await begin(page)
  const posts: string[] = []
  page.on('request', (request) => request.method() === 'POST' && posts.push(request.url()))
  for (const [file, sentence] of [
    [await notQuite.truncated(), '“truncated.jpg” is incomplete'],
    [notQuite.movingAvif(), '“moving.avif” is a moving AVIF'],
    [notQuite.longAnimation(), '“long.gif” has 200 frames. The limit for an animation of its size is 95.'],
  ] as const) {
    await picker(page).setInputFiles(file)
    await expect(alertSaying(page, sentence)).toHaveAttribute('data-code', /./)
  }
  expect(posts).toEqual([])
  await upload(page, await portrait())
})

test('S17: rejects a truncated photo that got past the browser’s checks', async ({ page, witness }) => {
  await begin(page)
  await smuggle(page, await notQuite.truncated())
  await page.getByRole('button', { name: 'Preview' }).click()
  const alert = alertSaying(page, 'We could not read this photo.')
  await expect(alert).toHaveAttribute('data-code', 'unreadable_image')
  expectOnly(witness, '422')
  await alert.getByRole('link', { name: 'Choose another photo' }).click()
  await upload(page, await portrait())
  await finish(page)
})

test('S16: rejects a PNG that claims 65,000² pixels, in the browser and at a host', async ({ page }) => {
  await begin(page)
  await picker(page).setInputFiles(notQuite.bomb())
  const notice = alertSaying(page, notQuite.bomb().name)
  await expect(notice).toBeVisible()

  await page.reload()
  const uploadId = await smuggle(page, notQuite.bomb())
  const answer = await requestCrop(page, uploadId)
  expect([answer.status(), (await answer.json()).code]).toEqual([422, 'too_many_pixels'])
  await expect(alertSaying(page, 'We cannot show this photo.')).toHaveAttribute('data-code', /./)
  await page.getByRole('link', { name: 'Choose another photo' }).click()
  await upload(page, await portrait())
  await editorReady(page)
})

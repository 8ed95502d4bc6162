import type { APIResponse, Page } from 'playwright/test'
import sharp from 'sharp'
import {
  alertSaying,
  apply,
  begin,
  cards,
  deletePhoto,
  editorReady,
  finish,
  requestCrop,
  save,
  transfer,
  upload,
  watchProgress,
} from '@/e2e/person'
import { type Photo, portrait, variety } from '@/e2e/photos'
import { smallLimits, test } from '@/e2e/small-stack'
import { otherBytes, tamperUploads } from '@/e2e/tamper'
import { expect, expectOnly } from '@/e2e/test'

const picker = (page: Page) => page.getByLabel(/^Choose a/)

/** Creates a plain image: many pixels in few bytes. */
async function flat(width: number, height: number): Promise<Photo> {
  const buffer = await sharp({ create: { width, height, channels: 3, background: '#7a9' } })
    .jpeg()
    .toBuffer()
  return { name: 'flat.jpg', mimeType: 'image/jpeg', buffer }
}

test('U8: a photo over the size limit can be shrunk, cropped and saved', async ({ page }) => {
  await begin(page)
  const photo = await variety.phone()
  expect(photo.buffer.length).toBeGreaterThan(smallLimits.uploadBytes)
  await picker(page).setInputFiles(photo)
  await expect(alertSaying(page, 'Your browser can make it smaller')).toContainText('from-a-phone.jpg')
  const sent: number[] = []
  page.on('request', (request) => request.method() === 'POST' && sent.push(request.postDataBuffer()?.length ?? 0))
  await page.getByRole('button', { name: 'Make it smaller and upload' }).click()
  await page.waitForURL(/\/crop\/\w/)
  await finish(page)
  // Allow for the form's other fields.
  expect(Math.max(...sent)).toBeLessThan(smallLimits.uploadBytes + 4096)
})

test('U8: a photo over the size limit that replaces the one in the editor is shrunk, visibly', async ({ page }) => {
  await begin(page)
  await upload(page, await portrait())
  const before = page.url()
  const progress = await watchProgress(page)
  await transfer(page, 'paste', await variety.phone())
  await page.getByRole('button', { name: 'Use new photo' }).click()
  await page.waitForURL((url) => /\/crop\/\w/.test(url.pathname) && url.href !== before)
  expect(await progress()).toContain('Making it smaller…')
})

test('S3: the store rejects a file over the limit and accepts a smaller one', async ({ page, stack, witness }) => {
  await begin(page)
  const large = Buffer.alloc(smallLimits.uploadBytes + 1, (await portrait()).buffer)
  const stop = await tamperUploads(page, stack.storeOrigin, otherBytes(large))
  await picker(page).setInputFiles(await portrait())
  const alert = alertSaying(page, 'is larger than the limit')
  await expect(alert).toContainText('Details: EntityTooLarge 400')
  await expect(alert).toHaveAttribute('data-code', 'too_large')
  expectOnly(witness, '400')
  await stop()
  await page.getByLabel('Choose another photo').setInputFiles(await variety.landscape())
  await page.waitForURL(/\/crop\/\w/)
  await finish(page)
})

test('S16: offers to shrink a photo with too many pixels, and rejects it at the crop', async ({
  page,
  stack,
  witness,
}) => {
  await begin(page)
  const many = await flat(2500, 2000)
  await picker(page).setInputFiles(many)
  await expect(alertSaying(page, 'flat.jpg')).toContainText('5 megapixels')
  await expect(page.getByRole('button', { name: 'Make it smaller and upload' })).toBeVisible()

  await page.reload()
  const stop = await tamperUploads(page, stack.storeOrigin, otherBytes(many.buffer))
  await picker(page).setInputFiles(await portrait())
  await page.waitForURL(/\/crop\/\w/)
  await stop()
  await editorReady(page)
  await page.getByRole('button', { name: 'Preview' }).click()
  const alert = alertSaying(page, 'too many pixels')
  await expect(alert).toHaveAttribute('data-code', 'too_many_pixels')
  expectOnly(witness, '422')
  await alert.getByRole('link', { name: 'Choose another photo' }).click()
  await picker(page).setInputFiles(many)
  await page.getByRole('button', { name: 'Make it smaller and upload' }).click()
  await page.waitForURL(/\/crop\/\w/)
  await finish(page)
})

test('S21, U37: at the photo limit, deleting one makes room for the waiting file', async ({ page, context }) => {
  await begin(page)
  await upload(page, await portrait())
  const step = page.url()
  // An upload counts as its saved images, so deleting one makes room at once.
  for (let count = 1; count <= smallLimits.images; count += 1) {
    await page.goto(step)
    await editorReady(page)
    for (let zoom = 1; zoom < count; zoom += 1) await page.getByRole('button', { name: 'Zoom in' }).click()
    await apply(page)
    await save(page)
    await expect(cards(page)).toHaveCount(count)
  }

  await page.goto('/upload')
  await picker(page).setInputFiles(await variety.landscape())
  const alert = alertSaying(page, 'You have reached your photo limit')
  await expect(alert).toHaveAttribute('data-code', 'quota')
  const opened = context.waitForEvent('page')
  await alert.getByRole('link', { name: 'Open gallery (new tab)' }).click()
  const gallery = await opened
  await deletePhoto(gallery)
  await expect(cards(gallery)).toHaveCount(smallLimits.images - 1)

  await page.getByRole('button', { name: 'Try again' }).click()
  await page.waitForURL(/\/crop\/\w/)
  await finish(page)
})

/** Keeps all hosts busy with costly crops: each has another rotation of the whole photo. */
function flood(page: Page, uploadId: string) {
  const answers = new Map<number, number>()
  let busyResponse: APIResponse | undefined
  let isFlooding = true
  const lanes = Array.from({ length: 8 }, async (_, lane) => {
    for (let turn = 0; isFlooding; turn += 1) {
      const area = { x: 0, y: 0, width: 1000, height: 1000 }
      const answer = await requestCrop(page, uploadId, { area, rotate: 1 + lane * 40 + turn / 100 })
      answers.set(answer.status(), (answers.get(answer.status()) ?? 0) + 1)
      if (answer.status() === 503) {
        expect(Number(answer.headers()['retry-after'])).toBeGreaterThan(0)
        expect((await answer.json()).code).toBe('busy')
        busyResponse = answer
      }
    }
  })
  return {
    answers,
    /** Waits for a busy response and answers the page's next crops with it, since a place may free up briefly. */
    async answerBusy(times?: number) {
      await expect.poll(() => busyResponse).toBeDefined()
      await page.route('**/api/crop', (route) => route.fulfill({ response: busyResponse as APIResponse }), { times })
    },
    stop: async () => {
      isFlooding = false
      await Promise.all(lanes)
      await page.unroute('**/api/crop')
    },
  }
}

const waiting = (page: Page) => page.getByRole('status').filter({ hasText: 'The server is busy. Retrying in' })

test('S18: a crop retries while all hosts are busy, and succeeds in the end', async ({ page, witness }) => {
  test.setTimeout(240_000)
  await begin(page)
  const uploadId = await upload(page, await flat(1700, 1700))
  let busyCount = 0
  page.on('response', (response) => {
    if (response.url().endsWith('/api/crop') && response.status() === 503) busyCount += 1
  })
  const crowd = flood(page, uploadId)
  await crowd.answerBusy(1)
  await page.getByRole('button', { name: 'Preview' }).click()
  await expect(waiting(page)).toBeVisible()
  // Either it was rejected several times, or a place was free. Nothing may fail.
  const preview = page.getByRole('heading', { name: 'How it will look' })
  await expect
    .poll(async () => busyCount >= 6 || (await preview.isVisible()), { timeout: 90_000, intervals: [500] })
    .toBe(true)
  await expect(page.locator('[data-code=busy]')).toHaveCount(0)
  await crowd.stop()
  await expect(preview).toBeVisible({ timeout: 60_000 })
  expect([...crowd.answers.keys()].sort()).toEqual([200, 503])
  await save(page)
  await expect(cards(page)).toHaveCount(1)
  expectOnly(witness, '503')
})

test('S18: waiting for a busy server can be cancelled and continued', async ({ page, witness }) => {
  await begin(page)
  const uploadId = await upload(page, await flat(1700, 1700))
  await page.getByRole('button', { name: 'Rotate 90° right' }).click()
  const crowd = flood(page, uploadId)
  await crowd.answerBusy()
  await page.getByRole('button', { name: 'Preview' }).click()
  await expect(waiting(page)).toBeVisible()
  const step = page.url()
  await page.getByRole('button', { name: 'Stop', exact: true }).click()
  await expect(page.getByRole('status').filter({ hasText: 'Stopped. Your crop has not changed.' })).toBeVisible()
  await expect(page.getByRole('button', { name: 'Save photo' })).toBeFocused()
  expect(page.url()).toBe(step)
  await crowd.stop()
  await finish(page)
  expectOnly(witness, '503')
})

test('S18: disconnecting clients leave working hosts and no error in their logs', async ({ page, stack }) => {
  test.setTimeout(240_000)
  await begin(page)
  const uploadId = await upload(page, await flat(1700, 1700))
  const cookie = (await page.context().cookies()).map(({ name, value }) => `${name}=${value}`).join('; ')
  const since = new Date()
  const disconnects = async () =>
    (await stack.hostLog(since)).filter(({ msg }) => msg === 'step aborted: the client disconnected')
  const cropAndLeave = async (rotate: number) => {
    const area = { x: 0, y: 0, width: 1000, height: 1000 }
    await fetch(`${stack.origin}/api/crop`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: stack.origin, cookie },
      body: JSON.stringify({ uploadId, area, rotate }),
      signal: AbortSignal.timeout(150),
    }).catch(() => undefined)
  }
  let turn = 0
  await expect
    .poll(async () => {
      turn += 1
      await Promise.all([1, 2, 3, 4].map((lane) => cropAndLeave(lane * 40 + turn / 10)))
      return (await disconnects()).length
    })
    .toBeGreaterThan(3)
  await finish(page)
  expect((await stack.hostLog(since)).filter(({ level }) => level > 30)).toEqual([])
})

test('a crop and a save succeed although hosts die during and between them', async ({ page, stack, witness }) => {
  await begin(page)
  await upload(page, await portrait())
  await stack.hostsGate.stall()
  const reached = stack.hostsGate.nextRequest()
  await page.getByRole('button', { name: 'Preview' }).click()
  await reached
  // The host that runs the crop dies with the others.
  await Promise.all(stack.hosts.map((host) => stack.killHost(host)))
  await expect(page.getByText('The server is busy. Retrying in')).toBeVisible()
  await stack.hostsGate.open()
  const [first, ...others] = stack.hosts as [string, ...string[]]
  await stack.restartHost(first)
  await expect(page.getByRole('heading', { name: 'How it will look' })).toBeVisible()

  await Promise.all(others.map((host) => stack.restartHost(host)))
  await stack.killHost(first)
  await save(page)
  await expect(cards(page)).toHaveCount(1)
  await stack.restartHost(first)
  expectOnly(witness, '50')
})

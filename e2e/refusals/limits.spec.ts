import type { APIResponse, Page } from 'playwright/test'
import sharp from 'sharp'
import { alertSaying, apply, begin, cards, editorReady, finish, requestCrop, save, upload } from '@/e2e/person'
import { type Photo, portrait, variety } from '@/e2e/photos'
import { smallLimits, test } from '@/e2e/small-stack'
import { otherBytes, tamperUploads } from '@/e2e/tamper'
import { expect, expectOnly } from '@/e2e/test'

const picker = (page: Page) => page.getByLabel(/^Choose a/)

/** A flat picture: many pixels, few bytes. */
async function flat(width: number, height: number): Promise<Photo> {
  const buffer = await sharp({ create: { width, height, channels: 3, background: '#7a9' } })
    .jpeg()
    .toBuffer()
  return { name: 'flat.jpg', mimeType: 'image/jpeg', buffer }
}

test('U8: a photo over the limit is offered to be made smaller, and then goes all the way', async ({ page }) => {
  await begin(page)
  const photo = await variety.phone()
  expect(photo.buffer.length).toBeGreaterThan(smallLimits.uploadBytes)
  await picker(page).setInputFiles(photo)
  await expect(alertSaying(page, 'Your browser can make it smaller')).toContainText('from-a-phone.jpg')
  const sent: number[] = []
  page.on('request', (request) => request.method() === 'POST' && sent.push(request.postDataBuffer()?.length ?? 0))
  await page.getByRole('button', { name: 'Make it smaller and upload' }).click()
  await page.waitForURL(/\/crop\//)
  await finish(page)
  // With the form's own fields around it.
  expect(Math.max(...sent)).toBeLessThan(smallLimits.uploadBytes + 4096)
})

test('S3: what is too large all the same is refused by the store, and a smaller one is taken', async ({
  page,
  stack,
  witness,
}) => {
  await begin(page)
  const large = Buffer.alloc(smallLimits.uploadBytes + 1, (await portrait()).buffer)
  const stop = await tamperUploads(page, stack.storeOrigin, otherBytes(large))
  await picker(page).setInputFiles(await portrait())
  const alert = alertSaying(page, 'is larger than the limit')
  await expect(alert).toContainText('Details: EntityTooLarge 400')
  await expect(alert).toContainText('Code: too_large')
  expectOnly(witness, '400')
  await stop()
  await page.getByLabel('Choose another photo').setInputFiles(await variety.landscape())
  await page.waitForURL(/\/crop\//)
  await finish(page)
})

test('S16: too many pixels are offered to be made fewer, and refused at the crop where they came by', async ({
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
  await page.waitForURL(/\/crop\//)
  await stop()
  await editorReady(page)
  await page.getByRole('button', { name: 'Apply' }).click()
  const alert = alertSaying(page, 'too many pixels')
  await expect(alert).toContainText('Code: too_many_pixels')
  expectOnly(witness, '422')
  await alert.getByRole('link', { name: 'Choose another photo' }).click()
  await picker(page).setInputFiles(many)
  await page.getByRole('button', { name: 'Make it smaller and upload' }).click()
  await page.waitForURL(/\/crop\//)
  await finish(page)
})

test('S21: at the limit of pictures it says so; one deleted in the gallery makes room, and the file is still here', async ({
  page,
  context,
}) => {
  await begin(page)
  await upload(page, await portrait())
  const step = page.url()
  // An upload counts as the images saved from it, so that deleting one of them makes room at once.
  for (let pictures = 1; pictures <= smallLimits.pictures; pictures += 1) {
    await page.goto(step)
    await editorReady(page)
    for (let zoom = 1; zoom < pictures; zoom += 1) await page.getByRole('button', { name: 'Zoom in' }).click()
    await apply(page)
    await save(page)
    await expect(cards(page)).toHaveCount(pictures)
  }

  await page.goto('/upload')
  await picker(page).setInputFiles(await variety.landscape())
  const alert = alertSaying(page, 'You have reached your photo limit')
  await expect(alert).toContainText('Code: quota')
  const opened = context.waitForEvent('page')
  await alert.getByRole('link', { name: 'Open gallery (new tab)' }).click()
  const gallery = await opened
  await cards(gallery)
    .first()
    .getByRole('button', { name: /^More actions for photo/ })
    .click()
  await gallery.getByRole('menuitem', { name: /^Delete/ }).click()
  await gallery.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click()
  await expect(cards(gallery)).toHaveCount(smallLimits.pictures - 1)

  await page.getByRole('button', { name: 'Try again' }).click()
  await page.waitForURL(/\/crop\//)
  await finish(page)
})

/** Keeps all hosts busy, with crops that are costly: each another one, and the whole of it is turned. */
function flood(page: Page, uploadId: string) {
  const answers = new Map<number, number>()
  let refusal: APIResponse | undefined
  let isFlooding = true
  const lanes = Array.from({ length: 8 }, async (_, lane) => {
    for (let turn = 0; isFlooding; turn += 1) {
      const area = { x: 0, y: 0, width: 1000, height: 1000 }
      const answer = await requestCrop(page, uploadId, { area, rotate: 1 + lane * 40 + turn / 100 })
      answers.set(answer.status(), (answers.get(answer.status()) ?? 0) + 1)
      if (answer.status() === 503) {
        expect(Number(answer.headers()['retry-after'])).toBeGreaterThan(0)
        expect((await answer.json()).code).toBe('busy')
        refusal = answer
      }
    }
  })
  return {
    answers,
    /** Resolves once a host has refused. The page's next crops get that refusal: a place may be free for a moment. */
    async refuse(times?: number) {
      await expect.poll(() => refusal).toBeDefined()
      await page.route('**/api/crop', (route) => route.fulfill({ response: refusal as APIResponse }), { times })
    },
    stop: async () => {
      isFlooding = false
      await Promise.all(lanes)
      await page.unroute('**/api/crop')
    },
  }
}

const waiting = (page: Page) => page.getByRole('status').filter({ hasText: 'The server is busy. Retrying in' })

test('S18: while all hosts are busy the crop waits and tries again by itself, and is made in the end', async ({
  page,
  witness,
}) => {
  test.setTimeout(240_000)
  await begin(page)
  const uploadId = await upload(page, await flat(1700, 1700))
  let refusals = 0
  page.on('response', (response) => {
    if (response.url().endsWith('/api/crop') && response.status() === 503) refusals += 1
  })
  const crowd = flood(page, uploadId)
  await crowd.refuse(1)
  await page.getByRole('button', { name: 'Apply' }).click()
  await expect(waiting(page)).toBeVisible()
  // Told to come back often, or lucky in between: either way nothing fails.
  const preview = page.getByRole('heading', { name: 'How it will look' })
  await expect
    .poll(async () => refusals >= 6 || (await preview.isVisible()), { timeout: 90_000, intervals: [500] })
    .toBe(true)
  await expect(page.getByText('Code: busy')).toHaveCount(0)
  await crowd.stop()
  await expect(preview).toBeVisible({ timeout: 60_000 })
  expect([...crowd.answers.keys()].sort()).toEqual([200, 503])
  await save(page)
  await expect(cards(page)).toHaveCount(1)
  expectOnly(witness, '503')
})

test('S18: who waits for a busy server can stop waiting, and goes on from there', async ({ page, witness }) => {
  await begin(page)
  const uploadId = await upload(page, await flat(1700, 1700))
  await page.getByRole('button', { name: 'Rotate 90° right' }).click()
  const crowd = flood(page, uploadId)
  await crowd.refuse()
  await page.getByRole('button', { name: 'Apply' }).click()
  await expect(waiting(page)).toBeVisible()
  const step = page.url()
  const cancel = page.getByRole('button', { name: 'Cancel' })
  await cancel.click()
  await expect(page.getByRole('status').filter({ hasText: 'Stopped. Your crop has not changed.' })).toBeVisible()
  await expect(cancel).toBeFocused()
  expect(page.url()).toBe(step)
  await crowd.stop()
  await finish(page)
  expectOnly(witness, '503')
})

test('S18: clients that go away leave hosts that work, and no error in their logs', async ({ page, stack }) => {
  test.setTimeout(240_000)
  await begin(page)
  const uploadId = await upload(page, await flat(1700, 1700))
  const cookie = (await page.context().cookies()).map(({ name, value }) => `${name}=${value}`).join('; ')
  const since = new Date()
  const wentAway = async () =>
    (await stack.hostLog(since)).filter(({ msg }) => msg === 'POST /api/crop: the client disconnected')
  const leave = async (rotate: number) => {
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
      await Promise.all([1, 2, 3, 4].map((lane) => leave(lane * 40 + turn / 10)))
      return (await wentAway()).length
    })
    .toBeGreaterThan(3)
  await finish(page)
  expect((await stack.hostLog(since)).filter(({ level }) => level > 30)).toEqual([])
})

test('hosts that die in the middle of a crop, and between crop and save, stop nobody', async ({
  page,
  stack,
  witness,
}) => {
  await begin(page)
  await upload(page, await portrait())
  await stack.hostsGate.stall()
  const reached = stack.hostsGate.nextRequest()
  await page.getByRole('button', { name: 'Apply' }).click()
  await reached
  // Whichever of them was at work, it is dead in mid-crop.
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

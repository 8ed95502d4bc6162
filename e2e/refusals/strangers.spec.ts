import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3'
import type { Browser, Page } from 'playwright/test'
import sharp from 'sharp'
import { stateDirectory, storeOrigin } from '@/e2e/addresses'
import { addPhoto, alertSaying, apply, begin, cards, openPhoto, requestCrop, save, upload } from '@/e2e/person'
import { portrait, variety } from '@/e2e/photos'
import { expect, expectOnly, test } from '@/e2e/test'

/** Valid ids that were never issued. */
const unknownUpload = `a${'0'.repeat(26)}`
const unknownImage = `a${'0'.repeat(42)}`

/** Acts as another person in their own browser. */
async function asStranger(browser: Browser, baseURL: string, act: (page: Page) => Promise<void>): Promise<void> {
  const context = await browser.newContext({ baseURL, locale: 'en-GB', timezoneId: 'Europe/Berlin' })
  await act(await context.newPage())
  await context.close()
}

/** Returns the imageId of the gallery's first card. */
async function imageIdOf(page: Page): Promise<string> {
  const id = await cards(page).first().getAttribute('id')
  return (id as string).replace('photo-', '')
}

test('S10: the page of another person’s upload equals the page of an unknown one', async ({
  page,
  browser,
  baseURL,
}) => {
  await begin(page)
  const uploadId = await upload(page, await portrait())
  const cropId = await apply(page)

  await asStranger(browser, baseURL as string, async (other) => {
    await begin(other)
    const read = async (id: string) => {
      const answer = await other.request.get(`/crop/${id}?crop=${cropId}`)
      // Host names and nonces differ between responses.
      const text = (await answer.text())
        .replaceAll(id, 'ID')
        .replaceAll(/host-\d/g, 'HOST')
        .replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'NONCE')
      // Rows of React's data arrive in any order.
      const rows = text
        .replaceAll(/"\]\)<\/script><script nonce="NONCE">self\.__next_f\.push\(\[1,"/g, '')
        .split(/\\n|\n/)
      return { status: answer.status(), rows: rows.toSorted(), body: text.replaceAll(/<script.*?<\/script>/g, '') }
    }
    const theirs = await read(uploadId)
    expect(theirs).toEqual(await read(unknownUpload))
    expect(theirs.status).toBe(404)
    expect(theirs.rows.join()).toContain('Page not found')

    await other.goto(`/crop/${uploadId}?crop=${cropId}`)
    await other.getByRole('link', { name: 'Upload a photo' }).click()
    await upload(other, await variety.landscape())
  })
  // The owner can still use it.
  await page.reload()
  await save(page)
  await expect(cards(page)).toHaveCount(1)
})

test('S10: every request treats another person’s id like an unknown one', async ({ page, browser, baseURL }) => {
  await begin(page)
  const theirUpload = await upload(page, await portrait())
  await apply(page)
  await save(page)
  const theirs = await imageIdOf(page)

  await asStranger(browser, baseURL as string, async (other) => {
    await begin(other)
    await addPhoto(other, await variety.landscape())
    const own = await imageIdOf(other)

    /** Presses a button and replaces the id in the page's request. @returns the host's response */
    const pressWith = async (id: string, ownId: string, press: () => Promise<void>): Promise<string> => {
      let report = (_text: string) => {}
      const text = new Promise<string>((resolve) => {
        report = resolve
      })
      await other.route('**/*', async (route) => {
        const request = route.request()
        const body = request.postData()
        if (request.method() === 'GET' || !`${request.url()} ${body}`.includes(ownId)) return route.continue()
        const response = await route.fetch({
          url: request.url().replaceAll(ownId, id),
          ...(body !== null && { postData: body.replaceAll(ownId, id) }),
        })
        report(`${response.status()} ${(await response.text()).replaceAll(id, 'ID')}`)
        await route.fulfill({ response })
      })
      await press()
      const response = await text
      await other.unroute('**/*')
      return response
    }
    const card = cards(other).first()
    const choose = async (name: RegExp) => (await openPhoto(other)).getByRole('button', { name }).click()
    await card.getByRole('button', { name: /^Stop using/ }).click()
    await expect(card).not.toContainText('In use')

    const gallery = {
      setCurrentImage: () => choose(/^Use this photo/),
      recropImage: () => choose(/^Crop again/),
      describeImage: async () => {
        const sheet = await openPhoto(other)
        await sheet.getByLabel('Description').fill('Taken over')
        await sheet.getByRole('button', { name: 'Save' }).click()
      },
    }
    for (const [action, press] of Object.entries(gallery)) {
      const answers: string[] = []
      for (const id of [theirs, unknownImage]) {
        answers.push(await pressWith(id, own, press))
        await expect(alertSaying(other, 'This photo does not exist.'), action).toHaveAttribute('data-code', 'not_found')
        await other.reload()
      }
      expect(answers[0], action).toBe(answers[1])
      expect(answers[0], action).toContain('"code":"not_found"')
    }
    // Deletions of both ids get the same response.
    const deletions: string[] = []
    for (const id of [theirs, unknownImage]) {
      deletions.push(
        await pressWith(id, own, async () => {
          await choose(/^Delete/)
          await other.getByRole('button', { name: /^Undo/ }).press('Escape')
        }),
      )
      await other.reload()
    }
    expect(deletions[0]).toBe(deletions[1])
    await expect(cards(other)).toHaveCount(1)

    await other.goto('/upload')
    const draft = await upload(other, await portrait())
    await apply(other)
    const saves: string[] = []
    for (const id of [theirUpload, unknownUpload]) {
      saves.push(await pressWith(id, draft, () => other.getByRole('button', { name: 'Save photo' }).click()))
      await expect(alertSaying(other, 'This photo does not exist.')).toHaveAttribute('data-code', 'not_found')
    }
    expect(saves[0]).toBe(saves[1])

    const crops = []
    for (const id of [theirUpload, unknownUpload]) {
      const answer = await requestCrop(other, id)
      crops.push([answer.status(), await answer.text()])
    }
    expect(crops[0]).toEqual(crops[1])
    expect(crops[0]?.[0]).toBe(404)
  })

  await page.reload()
  await expect(cards(page)).toHaveCount(1)
  await expect(cards(page).first()).toContainText('In use')
  await expect(cards(page).first().getByRole('img', { name: 'Taken over' })).toHaveCount(0)
})

test('S13: serves re-encoded pixels to others, and originals only to their owner', async ({ page, request }) => {
  await begin(page)
  await addPhoto(page, await portrait())
  const shown = new URL((await cards(page).first().getByRole('img').getAttribute('src')) as string)
  const [, bucket, , uid] = shown.pathname.split('/') as [string, string, string, string]
  const secrets = JSON.parse(await readFile(`${stateDirectory}/secrets.json`, 'utf8'))
  const store = new S3Client({
    endpoint: storeOrigin,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId: secrets.storeAccessKeyId, secretAccessKey: secrets.storeSecretAccessKey },
  })
  const list = async (prefix: string) => {
    const { Contents = [] } = await store.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix }))
    return Contents.map(({ Key }) => Key as string)
  }

  const media = await list(`media/${uid}/`)
  expect(media).toHaveLength(4)
  for (const key of media) {
    const object = await store.send(new GetObjectCommand({ Bucket: bucket, Key: key }))
    expect(object.ContentType).toBe('image/webp')
    const { format, exif, xmp, icc } = await sharp(await object.Body?.transformToByteArray()).metadata()
    expect({ format, exif, xmp, icc }).toEqual({ format: 'webp', exif: undefined, xmp: undefined, icc: undefined })
  }
  const original = (await list(`users/${uid}/`)).find((key) => key.includes('/originals/')) as string
  expect(original).toBeTruthy()
  // Nothing is readable without a signature.
  for (const key of [original, ...media])
    expect((await request.get(`${storeOrigin}/${bucket}/${key}`)).status()).toBe(403)

  const sheet = await openPhoto(page)
  const href = await sheet.getByRole('link', { name: /^Download original/ }).getAttribute('href')
  const download = await request.get(href as string)
  expect(download.headers()['content-disposition']).toMatch(/^attachment; filename="/)
  // The signature covers the attachment header, so a link that shows the original inline is invalid.
  const inPlace = new URL(href as string)
  inPlace.searchParams.delete('response-content-disposition')
  expect((await request.get(inPlace.href)).status()).toBe(403)
  store.destroy()
})

test('S22: rejects a URL from a client by field name and never fetches it', async ({ page }) => {
  const fetched: string[] = []
  const bait = createServer((request, response) => {
    fetched.push(request.url ?? '')
    response.end()
  }).listen(0, '127.0.0.1')
  await once(bait, 'listening')
  // The server must not keep a failed test running.
  bait.unref()
  const url = `http://127.0.0.1:${(bait.address() as AddressInfo).port}/bait`
  await begin(page)
  const uploadId = await upload(page, await portrait())
  for (const field of ['url', 'imageUrl', 'source', 'key']) {
    const answer = await requestCrop(page, uploadId, { [field]: url })
    expect(answer.status(), field).toBe(400)
    const problem = await answer.json()
    expect(problem.code).toBe('invalid_request')
    expect(JSON.stringify(problem.fields)).toContain(field)
  }
  expect((await requestCrop(page, url)).status()).toBe(400)
  expect(fetched).toEqual([])
  bait.close()
})

test('S25: the store’s CORS rules admit the site’s own origin only', async ({ page, browser, baseURL, witness }) => {
  await begin(page)
  await upload(page, await portrait())
  // Shows the file from the store.
  await page.reload()
  const image = (await page.getByRole('main').locator('img').first().getAttribute('src')) as string
  /** Reads the image and posts a form, as a page's script does. */
  const tryAs = (from: Page) =>
    from.evaluate(
      async ([url, post]) => {
        const attempt = (request: Promise<Response>) => request.then(({ status }) => status).catch(() => 'refused')
        return [
          await attempt(fetch(url as string, { cache: 'no-store' })),
          await attempt(fetch(post as string, { method: 'POST', body: new FormData() })),
        ]
      },
      [image, `${storeOrigin}/${new URL(image).pathname.split('/')[1]}`],
    )
  const [read, posted] = await tryAs(page)
  expect(read).toBe(200)
  // An empty form is rejected. What matters is that the page can read the response.
  expect(posted).toBe(400)
  expectOnly(witness, '400')

  const elsewhere = await browser.newContext()
  const foreign = await elsewhere.newPage()
  // Another host name is another origin, like any other site.
  await foreign.goto(`${(baseURL as string).replace('localhost', '127.0.0.1')}/livez`)
  expect(await tryAs(foreign)).toEqual(['refused', 'refused'])
  await elsewhere.close()
})

test('S26: a write without a session is 401, and with a foreign or missing Origin 403', async ({
  request,
  baseURL,
}) => {
  const data = { uploadId: unknownUpload, area: { x: 0, y: 0, width: 10, height: 10 } }
  const answer = async (headers: Record<string, string>) => {
    const response = await request.post('/api/crop', { data, headers })
    return [response.status(), response.headers()['content-type'], (await response.json()).code]
  }
  expect(await answer({ origin: baseURL as string })).toEqual([401, 'application/problem+json', 'unauthorized'])
  for (const headers of [{ origin: 'https://evil.example' }, { origin: 'null' }, {}])
    expect(await answer(headers as Record<string, string>)).toEqual([
      403,
      'application/problem+json',
      'forbidden_origin',
    ])
})

test('S23, S24: every response has its host, request id and security headers', async ({ request }) => {
  for (const path of ['/', '/livez', '/upload', '/nowhere', '/icon.svg']) {
    const { ...headers } = (await request.get(path)).headers()
    expect(headers['x-served-by'], path).toMatch(/^host-[123]$/)
    expect(headers['x-request-id'], path).toBeTruthy()
    expect(headers['x-content-type-options'], path).toBe('nosniff')
    const script = headers['content-security-policy']?.split('; ').find((part) => part.startsWith('script-src'))
    expect(script).toContain('nonce-')
    expect(script).not.toContain('unsafe-inline')
    expect(headers['content-security-policy']).toContain("frame-ancestors 'none'")
    expect(headers['content-security-policy']).toContain(`connect-src 'self' ${storeOrigin}`)
  }
})

import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { APIRequestContext, APIResponse } from 'playwright/test'
import sharp from 'sharp'
import type { z } from 'zod'
import {
  CropAnswer,
  CurrentAnswer,
  DeleteAnswer,
  GalleryPage,
  Recropped,
  SavedImage,
  UploadTicket,
} from '@/lib/images/schema'
import { sendFile } from '@/tools/testing/api-client'
import { siteOrigin } from './addresses'
import { portrait } from './photos'
import { expect, test } from './test'

const run = promisify(execFile)

/** An API client that sends the site's Origin and checks every response by its schema. */
class Client {
  readonly hosts = new Set<string>()
  constructor(private readonly request: APIRequestContext) {}

  async send(method: string, path: string, data?: unknown, headers?: Record<string, string>): Promise<APIResponse> {
    const answer = await this.request.fetch(path, { method, data, headers: { origin: siteOrigin, ...headers } })
    this.hosts.add(answer.headers()['x-served-by'] ?? '')
    expect(answer.headers()['x-request-id']).toBeTruthy()
    expect(answer.headers()['cache-control']).toBe('no-store')
    return answer
  }

  async call<S extends z.ZodType>(schema: S, status: number, ...request: Parameters<Client['send']>) {
    const answer = await this.send(...request)
    expect(answer.status(), await answer.text()).toBe(status)
    return schema.parse(await answer.json())
  }

  async upload(): Promise<string> {
    const photo = await portrait()
    const request = { collection: 'avatars', contentType: photo.mimeType, size: photo.buffer.length }
    const ticket = await this.call(UploadTicket, 201, 'POST', '/api/uploads', request)
    await sendFile(ticket, photo)
    return ticket.uploadId
  }
}

const area = { x: 20, y: 30, width: 300, height: 300 }

test('all operations work by the API alone, with requests on different hosts', async ({ request }) => {
  const client = new Client(request)
  expect((await client.send('POST', '/api/session/guest')).status()).toBe(204)
  const uploadId = await client.upload()

  const crop = await client.call(CropAnswer, 200, 'POST', '/api/crop', { uploadId, area, rotate: 12.5 })
  expect(crop.variants.map(({ name }) => name)).toEqual(['512', '256', '128', '64'])
  const again = await client.call(CropAnswer, 200, 'POST', '/api/crop', {
    uploadId,
    area,
    rotate: 12.5,
    flip: { vertical: false },
    etag: crop.source.etag,
  })
  expect(again.cropId).toBe(crop.cropId)

  const { cropId } = crop
  const saved = await client.call(SavedImage, 201, 'POST', '/api/images', { uploadId, cropId, seen: null })
  const { imageId } = saved
  expect(saved).toMatchObject({ imageId, uploadId, cropId, collection: 'avatars', alt: '', current: true })
  expect(await client.call(SavedImage, 201, 'POST', '/api/images', { uploadId, cropId, seen: null })).toEqual(saved)
  const bytes = await fetch(saved.variants[1]?.url as string).then((answer) => answer.arrayBuffer())
  expect(await sharp(bytes).metadata()).toMatchObject({ format: 'webp', width: 256, height: 256 })

  const described = await client.call(SavedImage, 200, 'PATCH', `/api/images/${imageId}`, { alt: 'Me, at the sea' })
  expect(described).toEqual({ ...saved, alt: 'Me, at the sea' })
  expect(await client.call(SavedImage, 200, 'GET', `/api/images/${imageId}`)).toEqual(described)
  const gallery = await client.call(GalleryPage, 200, 'GET', '/api/images?collection=avatars&limit=1')
  expect(gallery).toEqual({ images: [described], nextCursor: null })

  const fresh = await client.call(Recropped, 201, 'POST', `/api/images/${imageId}/recrop`)
  expect(fresh.recipe).toEqual({ area, rotate: 12.5, flip: { horizontal: false, vertical: false } })
  expect(fresh.uploadId).not.toBe(uploadId)
  const other = await client.call(CropAnswer, 200, 'POST', '/api/crop', { ...fresh.recipe, uploadId: fresh.uploadId })
  const late = { uploadId: fresh.uploadId, cropId: other.cropId, seen: null }
  const newer = await client.call(SavedImage, 201, 'POST', '/api/images', late)
  expect(newer).toMatchObject({ current: false })

  const current = '/api/collections/avatars/current'
  const first = await client.call(CurrentAnswer, 200, 'GET', current)
  expect(first).toMatchObject({ current: { imageId }, history: [{ imageId, id: first.seen }] })
  const second = await client.call(CurrentAnswer, 200, 'PUT', current, { imageId: newer.imageId })
  expect(second.current?.imageId).toBe(newer.imageId)
  const cleared = await client.call(CurrentAnswer, 200, 'PUT', current, { imageId: null })
  expect(cleared.history.map((item) => item.imageId)).toEqual([null, newer.imageId, imageId])
  expect(cleared).toMatchObject({ current: null, seen: cleared.history[0]?.id })

  const pages = [await client.call(GalleryPage, 200, 'GET', '/api/images?limit=1')]
  const cursor = encodeURIComponent(pages[0]?.nextCursor as string)
  pages.push(await client.call(GalleryPage, 200, 'GET', `/api/images?limit=1&cursor=${cursor}`))
  expect(pages.flatMap(({ images }) => images).map((image) => image.imageId)).toEqual([newer.imageId, imageId])

  for (const path of [`/api/images/${imageId}`, `/api/images/${imageId}`]) {
    expect((await client.send('DELETE', path)).status()).toBe(204)
  }
  const imageIds = [newer.imageId, imageId, strangerImage]
  expect(await client.call(DeleteAnswer, 200, 'POST', '/api/images/delete', { imageIds })).toEqual({
    deleted: [newer.imageId, imageId],
    failed: [{ imageId: strangerImage, code: 'not_found' }],
  })
  // A deleted crop cannot be saved again.
  const deleted = await client.send('POST', '/api/images', { uploadId, cropId })
  await expectProblem(deleted, 409, 'deleted')
  expect((await client.send('GET', `/api/images/${imageId}`)).status()).toBe(404)
  expect(await (await client.send('DELETE', '/api/session')).json()).toEqual({ next: '/' })
  expect((await client.send('GET', '/api/session')).status()).toBe(401)
  expect(client.hosts.size).toBeGreaterThan(1)
})

/** Expects an error response of the contract that leaks nothing internal. @returns its fields */
async function expectProblem(answer: APIResponse, status: number, code: string) {
  const text = await answer.text()
  expect(answer.status(), text).toBe(status)
  expect(answer.headers()['content-type']).toBe('application/problem+json')
  const { type, title, status: bodyStatus, code: bodyCode, fields, ...rest } = JSON.parse(text)
  expect({ type, bodyStatus, bodyCode, rest }).toEqual({
    type: 'about:blank',
    bodyStatus: status,
    bodyCode: code,
    rest: {},
  })
  expect(title).toMatch(/\.$/)
  expect(text).not.toMatch(/stack|node_modules|secret|x-amz|incoming\/|drafts\/|users\//i)
  return fields as { path: string }[] | undefined
}

/** A valid id that was never issued. */
const stranger = `a${'0'.repeat(26)}`
const strangerImage = `a${'0'.repeat(42)}`
const writing = [
  ['POST', '/api/uploads', { collection: 'avatars', contentType: 'image/jpeg', size: 5 }],
  ['POST', '/api/crop', { uploadId: stranger, area }],
  ['POST', '/api/images', { uploadId: stranger, cropId: '0'.repeat(32) }],
  ['PATCH', `/api/images/${strangerImage}`, { alt: 'mine' }],
  ['DELETE', `/api/images/${strangerImage}`],
  ['POST', '/api/images/delete', { imageIds: [strangerImage] }],
  ['POST', `/api/images/${strangerImage}/recrop`],
  ['PUT', '/api/collections/avatars/current', { imageId: strangerImage }],
] as const
const reading = ['/api/session', '/api/images', `/api/images/${strangerImage}`, '/api/collections/avatars/current']

test('S9, S26: answers 401 without a session and 403 for a missing or foreign Origin', async ({ request }) => {
  const client = new Client(request)
  for (const [method, path, data] of writing) {
    await expectProblem(await client.send(method, path, data), 401, 'unauthorized')
  }
  for (const path of reading) await expectProblem(await client.send('GET', path), 401, 'unauthorized')
  await client.send('POST', '/api/session/guest')
  for (const [method, path, data] of [
    ...writing,
    ['POST', '/api/session/guest'],
    ['DELETE', '/api/session'],
  ] as const) {
    for (const origin of ['', 'null', 'https://evil.example', `${siteOrigin}.evil.example`]) {
      await expectProblem(await client.send(method, path, data, { origin }), 403, 'forbidden_origin')
    }
  }
  // Still signed in.
  expect((await client.send('GET', '/api/session')).status()).toBe(200)
})

test('S10: answers the same 404 for another person’s id as for an unknown one', async ({ request, playwright }) => {
  const owner = new Client(request)
  await owner.send('POST', '/api/session/guest')
  const theirs = await owner.upload()
  const { cropId } = await owner.call(CropAnswer, 200, 'POST', '/api/crop', { uploadId: theirs, area })
  const { imageId } = await owner.call(SavedImage, 201, 'POST', '/api/images', { uploadId: theirs, cropId })

  const context = await playwright.request.newContext({ baseURL: siteOrigin })
  const other = new Client(context)
  await other.send('POST', '/api/session/guest')
  const attempts = (uploadId: string, id: string): Parameters<Client['send']>[] => [
    ['POST', '/api/crop', { uploadId, area }],
    ['POST', '/api/images', { uploadId, cropId }],
    ['GET', `/api/images/${id}`],
    ['PATCH', `/api/images/${id}`, { alt: 'mine' }],
    ['DELETE', `/api/images/${id}`],
    ['POST', `/api/images/${id}/recrop`],
    ['PUT', '/api/collections/avatars/current', { imageId: id }],
  ]
  for (const [index, attempt] of attempts(theirs, imageId).entries()) {
    const answer = await other.send(...attempt)
    await expectProblem(answer, 404, 'not_found')
    const never = attempts(stranger, strangerImage)[index] as Parameters<Client['send']>
    expect(await (await other.send(...never)).text()).toBe(await answer.text())
  }
  expect(await owner.call(SavedImage, 200, 'GET', `/api/images/${imageId}`)).toMatchObject({ alt: '', current: true })
  await context.dispose()
})

test('S22: invalid input is 400 with the field names, and unknown paths are 404', async ({ request }) => {
  const client = new Client(request)
  await client.send('POST', '/api/session/guest')
  const fieldsOf = async (method: string, path: string, data?: unknown) => {
    const fields = await expectProblem(await client.send(method, path, data), 400, 'invalid_request')
    return fields?.map(({ path }) => path)
  }
  expect(await fieldsOf('POST', '/api/uploads', {})).toEqual(['collection', 'contentType', 'size'])
  expect(await fieldsOf('POST', '/api/uploads', { collection: 'x', contentType: 'image/png', size: 1 })).toEqual([
    'collection',
  ])
  // Accepts no URL from a client, nor any other unknown field.
  expect(await fieldsOf('POST', '/api/crop', { uploadId: stranger, area, url: 'http://localhost/' })).toEqual([''])
  expect(await fieldsOf('POST', '/api/crop', { uploadId: stranger, area: { ...area, x: -1 }, rotate: 360 })).toEqual([
    'area.x',
    'rotate',
  ])
  expect(await fieldsOf('GET', '/api/images?limit=0')).toEqual(['limit'])
  expect(await fieldsOf('GET', '/api/images?limit=101')).toEqual(['limit'])
  expect(await fieldsOf('GET', '/api/images?cursor=nonsense')).toEqual(['cursor'])
  expect(await fieldsOf('GET', '/api/images?collection=nonsense')).toEqual(['collection'])
  expect(await fieldsOf('PATCH', `/api/images/${strangerImage}`, { alt: 'two\nlines' })).toEqual(['alt'])
  expect(await fieldsOf('POST', '/api/images', 'not json')).toEqual([''])
  expect(await fieldsOf('POST', '/api/images', { uploadId: 'x'.repeat(20_000) })).toEqual([''])
  for (const path of ['/api', '/api/nowhere', '/api/images/nonsense', '/api/collections/nonsense/current']) {
    const answer = await request.get(path)
    if (path !== '/api') await expectProblem(answer, 404, 'not_found')
    else expect(answer.status()).toBe(404)
  }
  expect((await request.put('/api/images')).status()).toBe(405)
})

test('the probes answer in one word', async ({ request }) => {
  for (const [path, word] of [
    ['/livez', 'ok'],
    ['/readyz', 'ready'],
  ] as const) {
    const answer = await request.get(path)
    expect(`${answer.status()} ${await answer.text()}`).toBe(`200 ${word}\n`)
    expect(answer.headers()['x-served-by']).toBeTruthy()
  }
})

test('the example in docs/api.md works', async () => {
  const curl = await run('curl', ['--version']).catch(() => null)
  test.skip(curl === null && !process.env.CI, 'curl is not installed on this machine')
  const text = await readFile(fileURLToPath(new URL('../docs/api.md', import.meta.url)), 'utf8')
  const [, script] = /```sh\n([\s\S]+?)```/.exec(text) ?? []
  const directory = await mkdtemp(join(tmpdir(), 'api-example-'))
  const photo = join(directory, 'photo.jpg')
  await writeFile(photo, (await portrait()).buffer)
  const { stdout } = await run('bash', ['-euo', 'pipefail', '-c', `${script}\nls -l "$WORK"`], {
    env: { ...process.env, FORCE_COLOR: '0', SITE: siteOrigin, PHOTO: photo, TMPDIR: directory },
  })
  const work = (await run('bash', ['-c', 'echo "$1"/tmp.*', '-', directory])).stdout.trim()
  expect(await sharp(join(work, '512.webp')).metadata()).toMatchObject({ format: 'webp', width: 512, height: 512 })
  const saved = JSON.parse(await readFile(join(work, 'saved'), 'utf8')) as { imageId: string }
  expect(stdout).toContain(`'${saved.imageId}'`)
  expect(stdout).toContain(`\n${saved.imageId}\nMe, at the sea\n90\nnull\n`)
  await rm(directory, { recursive: true })
})

import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { GetObjectCommand } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  createOwner,
  draft,
  granted,
  type Host,
  idsOf,
  originalOf,
  save,
  startWorld,
  type World,
} from '@/lib/images/test-support/world'

let world: World

beforeAll(async () => {
  world = await startWorld()
})
afterAll(async () => {
  await world.end()
})

/** Starts a CDN that can read only `media/` of the bucket. */
async function startCdn() {
  const requestedKeys: string[] = []
  const server: Server = createServer(async (request, response) => {
    const key = decodeURIComponent((request.url ?? '').replace('/pictures/', ''))
    requestedKeys.push(key)
    if (!key.startsWith('media/')) return response.writeHead(403).end()
    const object = await world.s3.send(new GetObjectCommand({ Bucket: world.bucketName, Key: key }))
    response.writeHead(200, { 'content-type': object.ContentType, 'cache-control': object.CacheControl })
    response.end(await object.Body?.transformToByteArray())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { base: `http://127.0.0.1:${port}/pictures`, requestedKeys, end: () => server.close() }
}

describe('with PUBLIC_BASE_URL', () => {
  let cdn: Awaited<ReturnType<typeof startCdn>>
  let host: Host

  beforeAll(async () => {
    cdn = await startCdn()
    host = await world.startHost({ variables: { PUBLIC_BASE_URL: `${cdn.base}/` } })
  })
  afterAll(() => {
    cdn.end()
  })

  test('serves saved variants from it, unsigned and immutable', async () => {
    const owner = createOwner()
    const saved = await save(host, owner)
    for (const { url, width } of saved.variants) {
      expect(url.startsWith(`${cdn.base}/media/`)).toBe(true)
      expect(new URL(url).search).toBe('')
      const answer = await fetch(url)
      expect(answer.headers.get('content-type'), `${width}`).toBe('image/webp')
      expect(answer.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
    }
    const { images } = granted(await host.gallery(owner))
    expect(images[0]?.variants.map(({ url }) => url)).toEqual(saved.variants.map(({ url }) => url))
    const { image } = await host.current(owner)
    expect(image?.variants.map(({ url }) => url)).toEqual(saved.variants.map(({ url }) => url))
  })

  test('S13: serves drafts, originals and downloads from the store, presigned', async () => {
    const owner = createOwner()
    const crop = await draft(host, owner, 2)
    const saved = granted(await host.saveImage(owner, idsOf(crop)))
    const signed = [
      ...crop.variants.map(({ url }) => url),
      originalOf(saved),
      ...saved.variants.map((v) => v.downloadUrl),
    ]
    for (const url of signed) {
      expect(url.startsWith(cdn.base)).toBe(false)
      expect(new URL(url).searchParams.has('X-Amz-Signature')).toBe(true)
      expect((await fetch(url)).headers.get('cache-control'), url).toMatch(/^private(, max-age=31536000, immutable)?$/)
    }
    const original = await fetch(originalOf(saved))
    // An original is a download only.
    expect(original.headers.get('content-disposition')).toMatch(/^attachment; filename="avatars-.*-original\.jpg"$/)
    expect(cdn.requestedKeys.every((key) => key.startsWith('media/'))).toBe(true)
  })
})

test('S13: presigns the same private URL on all hosts within a window, without a CDN', async () => {
  const [one, other] = [await world.startHost(), await world.startHost()]
  const owner = createOwner()
  const saved = await save(one, owner)
  const urlsOn = async (host: Host) => granted(await host.gallery(owner)).images[0]?.variants.map(({ url }) => url)
  let [first, second] = [await urlsOn(one), await urlsOn(other)]
  // A window may have ended between the two calls. The next window cannot.
  if (first?.[0] !== second?.[0]) [first, second] = [await urlsOn(one), await urlsOn(other)]
  expect(first).toEqual(second)
  for (const { url } of saved.variants) {
    const answer = await fetch(url)
    expect(answer.status).toBe(200)
    // No shared cache may keep what a person's own URL answers.
    expect(answer.headers.get('cache-control')).toBe('private, max-age=31536000, immutable')
  }
})

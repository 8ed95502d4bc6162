import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ShownVariant } from '@/lib/images/schema'
import {
  bytesAt,
  createOwner,
  granted,
  idsOf,
  remove,
  startWorld,
  upload,
  type World,
} from '@/lib/images/test-support/world'

let world: World

beforeAll(async () => {
  world = await startWorld()
})
afterAll(async () => {
  await world.end()
})

const delay = [60, 120, 240]

/** Creates a GIF of three frames, each of one colour. */
async function createGif(): Promise<Buffer> {
  const frames = ['red', 'lime', 'blue'].map((background) =>
    sharp({ create: { width: 80, height: 60, channels: 3, background } })
      .raw()
      .toBuffer(),
  )
  const raw = { width: 80, height: 180, channels: 3 as const, pageHeight: 60 }
  return sharp(Buffer.concat(await Promise.all(frames)), { raw })
    .gif({ delay, loop: 0 })
    .toBuffer()
}

const crop = {
  area: { x: 10, y: 0, width: 60, height: 60 },
  rotate: 0,
  flip: { horizontal: false, vertical: false },
}

const read = async (url = '') => sharp(await bytesAt(url)).metadata()

async function expectToMove(variants: ShownVariant[]): Promise<void> {
  expect(variants.map(({ name }) => name)).toEqual(['512', '256', '128', '64'])
  for (const { width, height, url, posterUrl } of variants) {
    expect(await read(url)).toMatchObject({ format: 'webp', width, height, pages: 3, delay, loop: 0 })
    const poster = await read(posterUrl)
    expect(poster).toMatchObject({ format: 'webp', width, height })
    expect(poster.pages).toBeUndefined()
  }
}

test('an animated picture stays animated everywhere, with a still of each variant', async () => {
  const host = await world.startHost()
  const owner = createOwner()
  const uploadId = await upload(host, owner, await createGif())
  const drawn = granted(await host.cropUpload(owner, { uploadId, ...crop }))
  await expectToMove(drawn.variants)
  const saved = granted(await host.saveImage(owner, idsOf(drawn)))
  const { imageId } = saved
  await expectToMove(saved.variants)
  await expectToMove(granted(await host.gallery(owner)).images[0]?.variants ?? [])
  await expectToMove((await host.current(owner)).image?.variants ?? [])

  granted(await host.setCurrent(owner, null))
  granted(await host.setCurrent(owner, imageId))
  await expectToMove((await host.current(owner)).image?.variants ?? [])

  granted(await host.describeImage(owner, imageId, 'three colours'))
  await expectToMove(granted(await host.gallery(owner)).images[0]?.variants ?? [])
  await remove(host, owner, imageId)
  expect(await world.keys(`media/${owner.uid}/`)).toEqual([])
})

test('a still has no poster', async () => {
  const host = await world.startHost()
  const owner = createOwner()
  const still = await sharp(await createGif())
    .gif()
    .toBuffer()
  const uploadId = await upload(host, owner, still)
  const drawn = granted(await host.cropUpload(owner, { uploadId, ...crop }))
  const saved = granted(await host.saveImage(owner, idsOf(drawn)))
  for (const variant of [...drawn.variants, ...saved.variants]) expect(variant).not.toHaveProperty('posterUrl')
  expect((await world.keys(`media/${owner.uid}/`)).filter((key) => key.includes('poster'))).toEqual([])
})

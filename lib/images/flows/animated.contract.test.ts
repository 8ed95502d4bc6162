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

// An animation has two files per variant, so every step that copies or erases files could miss one of them.

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

const recipe = {
  area: { x: 10, y: 0, width: 60, height: 60 },
  rotate: 0,
  flip: { horizontal: false, vertical: false },
}

const read = async (url = '') => sharp(await bytesAt(url)).metadata()

async function expectAnimated(variants: ShownVariant[]): Promise<void> {
  expect(variants.map(({ name }) => name)).toEqual(['512', '256', '128', '64'])
  for (const { width, height, url, posterUrl } of variants) {
    expect(await read(url)).toMatchObject({ format: 'webp', width, height, pages: 3, delay, loop: 0 })
    const poster = await read(posterUrl)
    expect(poster).toMatchObject({ format: 'webp', width, height })
    expect(poster.pages).toBeUndefined()
  }
}

test('keeps an animated picture animated in every step, with a poster per variant', async () => {
  const host = await world.startHost()
  const owner = createOwner()
  const uploadId = await upload(host, owner, await createGif())
  const crop = granted(await host.cropUpload(owner, { uploadId, ...recipe }))
  await expectAnimated(crop.variants)
  const saved = granted(await host.saveImage(owner, idsOf(crop)))
  const { imageId } = saved
  await expectAnimated(saved.variants)
  await expectAnimated(granted(await host.gallery(owner)).images[0]?.variants ?? [])
  await expectAnimated((await host.current(owner)).image?.variants ?? [])

  granted(await host.setCurrent(owner, null))
  granted(await host.setCurrent(owner, imageId))
  await expectAnimated((await host.current(owner)).image?.variants ?? [])

  granted(await host.describeImage(owner, imageId, 'three colours'))
  await expectAnimated(granted(await host.gallery(owner)).images[0]?.variants ?? [])
  await remove(host, owner, imageId)
  expect(await world.keys(`media/${owner.uid}/`)).toEqual([])
})

test('creates no poster for a still picture', async () => {
  const host = await world.startHost()
  const owner = createOwner()
  const still = await sharp(await createGif())
    .gif()
    .toBuffer()
  const uploadId = await upload(host, owner, still)
  const crop = granted(await host.cropUpload(owner, { uploadId, ...recipe }))
  const saved = granted(await host.saveImage(owner, idsOf(crop)))
  for (const variant of [...crop.variants, ...saved.variants]) expect(variant).not.toHaveProperty('posterUrl')
  expect((await world.keys(`media/${owner.uid}/`)).filter((key) => key.includes('poster'))).toEqual([])
})

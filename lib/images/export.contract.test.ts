import { expect, test } from 'vitest'
import { host, other, world } from './test-support/shared-world'
import { bytesAt, createOwner, createPicture, cropOf, granted, originalOf, save, upload } from './test-support/world'

test('S37: exports every file of an image, with its recipe', async () => {
  const owner = createOwner()
  const uploadId = await upload(host, owner, await createPicture(1))
  const { cropId } = granted(await host.cropUpload(owner, { ...cropOf(uploadId, 3), rotate: 90 }))
  const image = granted(await host.saveImage(owner, { uploadId, cropId }))
  granted(await host.describeImage(owner, image.imageId, 'A cat'))
  const page = granted(await other.exportImages(owner))
  expect(page).toMatchObject({ nextCursor: null, total: 1 })
  const [exported] = page.images
  expect(exported).toMatchObject({ imageId: image.imageId, alt: 'A cat', current: true, cropId })
  expect(exported?.recipe).toMatchObject({ area: { x: 3, y: 0, width: 50, height: 50 }, rotate: 90 })
  const names = exported?.files.map(({ name }) => name.split('/').at(-1))
  expect(names).toEqual(['original.jpg', ...image.variants.map(({ name }) => `${name}.webp`)])
  const bytes = await Promise.all((exported?.files ?? []).map(({ url }) => bytesAt(url)))
  const shown = await Promise.all([originalOf(image), ...image.variants.map(({ url }) => url)].map(bytesAt))
  expect(bytes).toEqual(shown)
})

test('S37: exports all pages, without deleted images and originals that were not kept', async () => {
  const owner = createOwner()
  const images = [await save(host, owner, 1), await save(host, owner, 2)]
  const uploadId = await upload(host, owner, await createPicture(3))
  const { cropId } = granted(await host.cropUpload(owner, cropOf(uploadId)))
  const bare = granted(await host.saveImage(owner, { uploadId, cropId, keepOriginal: false }))
  granted(await host.deleteImage(owner, images[0]?.imageId ?? ''))
  const page = granted(await host.exportImages(owner))
  expect(page.images.map(({ imageId }) => imageId)).toEqual([bare.imageId, images[1]?.imageId])
  expect(page.total).toBe(2)
  expect(page.images[0]?.files.some(({ name }) => name.includes('original'))).toBe(false)
  const next = granted(await host.exportImages(owner, bare.imageId))
  expect(next).toMatchObject({ images: [{ imageId: images[1]?.imageId }], total: null })
})

test('S37, S10: exports nothing of another person', async () => {
  const [owner, stranger] = [createOwner(), createOwner()]
  const { imageId } = await save(host, owner, 1)
  expect(granted(await host.exportImages(stranger)).images).toEqual([])
  expect(granted(await host.exportImages(stranger, imageId)).images).toEqual([])
  expect(await host.exportImages(owner, 'no-cursor')).toMatchObject({ ok: false, code: 'invalid_request' })
})

test('a page costs one request for each image, beside its listings', async () => {
  const owner = createOwner()
  await save(host, owner, 1)
  const { length } = host.sent
  granted(await host.exportImages(owner))
  const commands = host.sent.slice(length).map(({ command }) => command)
  expect(commands.filter((command) => command === 'GetObject')).toHaveLength(1)
  // Entries and trail of the page; entries and both trails of the total.
  expect(commands.filter((command) => command === 'ListObjectsV2')).toHaveLength(5)
  expect(world.faults).toEqual([])
})

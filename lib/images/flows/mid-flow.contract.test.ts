import { describe, expect, test } from 'vitest'
import { keys } from '@/lib/images/storage/keys'
import { keptBesidesHistory } from '@/lib/images/test-support/placed'
import { host, other, world } from '@/lib/images/test-support/shared-world'
import {
  bytesAt,
  createOwner,
  createPicture,
  cropOf,
  draft,
  granted,
  hourMs,
  idsOf,
  originalOf,
  save,
  upload,
} from '@/lib/images/test-support/world'

// Time passes and other tabs act between the steps of a flow. A flow must end with an image, or with an error that offers
// a way to continue.

const draftGone = { ok: false, code: 'draft_gone' }

describe('an interrupted flow', () => {
  test('continues after a day from the working copy of its expired upload', async () => {
    const owner = createOwner()
    const { uploadId, cropId } = await draft(host, owner)
    await world.advance(25 * hourMs)
    expect(await world.keys(keys.uploadsOf(owner.uid))).toEqual([])
    const { area } = cropOf(uploadId)
    expect(granted(await other.openUpload(owner, uploadId, cropId)).recipe).toMatchObject({ area })
    const crop = granted(await other.cropUpload(owner, cropOf(uploadId, 9)))
    expect(granted(await host.saveImage(owner, idsOf(crop))).current).toBe(true)
  })

  test('answers draft_gone at each step after two days and accepts a new upload', async () => {
    const owner = createOwner()
    const crop = await draft(host, owner)
    await world.advance(49 * hourMs)
    expect(await host.saveImage(owner, idsOf(crop))).toEqual(draftGone)
    expect(await host.cropUpload(owner, cropOf(crop.uploadId))).toEqual(draftGone)
    expect(await host.openUpload(owner, crop.uploadId, crop.cropId)).toEqual(draftGone)
    expect((await save(other, owner)).current).toBe(true)
  })

  test('of "crop again" can start over from the kept original', async () => {
    const owner = createOwner()
    const { imageId } = await save(host, owner)
    const { uploadId } = granted(await host.recropImage(owner, imageId))
    await world.advance(49 * hourMs)
    expect(await other.cropUpload(owner, cropOf(uploadId))).toEqual(draftGone)
    const next = granted(await other.recropImage(owner, imageId))
    const crop = granted(await host.cropUpload(owner, cropOf(next.uploadId, 4)))
    granted(await host.saveImage(owner, idsOf(crop)))
    expect(granted(await other.gallery(owner)).images).toHaveLength(2)
  })

  test('leaves nothing when its save is rejected', async () => {
    const owner = createOwner()
    const { uploadId } = await draft(host, owner)
    await world.advance(40 * hourMs)
    const crop = granted(await host.cropUpload(owner, cropOf(uploadId, 8)))
    await world.advance(9 * hourMs)
    expect(await other.saveImage(owner, idsOf(crop))).toEqual(draftGone)
    expect(granted(await host.gallery(owner)).images).toEqual([])
    await world.advance(49 * hourMs)
    await host.visitGallery(owner)
    expect(await keptBesidesHistory(owner)).toEqual([])
    expect(await world.keys(keys.draft(owner.uid, uploadId))).toEqual([])
  })
})

test('rule 3: twenty concurrent saves are all complete, and one is current', async () => {
  const owner = createOwner()
  const file = await createPicture(1)
  const crops: { uploadId: string; cropId: string }[] = []
  for (let at = 0; at < 20; at += 1) {
    crops.push(granted(await host.cropUpload(owner, cropOf(await upload(host, owner, file)))))
  }
  const hosts = [host, other, await world.startHost({ withoutConditions: true })]
  const answers = await Promise.all(
    crops.map((crop, at) => (hosts[at % 3] as typeof host).saveImage(owner, { ...idsOf(crop), seen: null })),
  )
  const saved = answers.map((answer) => granted(answer).imageId)
  const { images } = granted(await other.gallery(owner))
  expect(images.map(({ imageId }) => imageId)).toEqual(saved.toSorted())
  expect(images.filter(({ current }) => current)).toHaveLength(1)
  for (const image of images) {
    expect((await bytesAt(originalOf(image))).equals(file)).toBe(true)
    for (const { url } of image.variants) expect((await bytesAt(url)).length).toBeGreaterThan(0)
  }
})

test('rule 11: only the read and the copy of an upload have a condition', async () => {
  const watched = await world.startHost()
  const owner = createOwner()
  const uploadId = await upload(watched, owner, await createPicture(1))
  const { etag } = granted(await watched.openUpload(owner, uploadId, null)).source
  const crop = granted(await watched.cropUpload(owner, { ...cropOf(uploadId), etag }))
  const { imageId } = granted(await watched.saveImage(owner, idsOf(crop)))
  granted(await watched.describeImage(owner, imageId, 'me'))
  granted(await watched.setCurrent(owner, null))
  granted(await watched.recropImage(owner, imageId))
  granted(await watched.saveImage(owner, { ...idsOf(crop), keepOriginal: false }))
  await watched.finishDeletions(granted(await watched.deleteImage(owner, imageId)))
  await watched.visitGallery(owner)
  const withConditions = watched.sent.filter(({ conditions }) => conditions.length > 0)
  // Both pin the ETag of the upload.
  expect(withConditions.map(({ command, conditions }) => `${command} ${conditions}`).toSorted()).toEqual([
    'CopyObject CopySourceIfMatch',
    'GetObject IfMatch',
  ])
})

import { describe, expect, test } from 'vitest'
import { placeEntries, placeEntry, placeTombstone } from '@/lib/images/test-support/placed'
import { host, world } from '@/lib/images/test-support/shared-world'
import {
  createOwner,
  createPicture,
  cropOf,
  draft,
  granted,
  type Host,
  hourMs,
  idsOf,
  remove,
  save,
  upload,
} from '@/lib/images/test-support/world'
import { imageIdOf } from './ids'
import type { Owner } from './image-ref'
import { keys } from './keys'

const quota = { ok: false, code: 'quota' }
const request = { collection: 'avatars', contentType: 'image/jpeg', size: 1000 }
const startStrict = (userQuota: number) => world.startHost({ variables: { USER_QUOTA: String(userQuota) } })

describe('rule 10: the quota of an upload', () => {
  test('S21: counts images and uploads of the last day, each once', async () => {
    const owner = createOwner()
    const strict = await startStrict(3)
    await save(strict, owner, 1)
    await save(strict, owner, 2)
    const uploadId = await upload(strict, owner, await createPicture(3))
    expect(await strict.startUpload(owner, request)).toEqual(quota)
    expect((await strict.startUpload(createOwner(), request)).ok).toBe(true)
    // After a day, an unsaved upload no longer counts.
    await world.advance(25 * hourMs)
    expect(await world.keys(keys.upload(owner.uid, uploadId))).toEqual([])
    await upload(strict, owner, await createPicture(3))
    expect(await strict.startUpload(owner, request)).toEqual(quota)
  })

  test('counts every image of an upload', async () => {
    const owner = createOwner()
    const strict = await startStrict(3)
    const uploadId = await upload(strict, owner, await createPicture(1))
    for (const x of [0, 10]) {
      const crop = granted(await strict.cropUpload(owner, cropOf(uploadId, x)))
      granted(await strict.saveImage(owner, idsOf(crop)))
    }
    granted(await strict.startUpload(owner, request))
    const crop = granted(await strict.cropUpload(owner, cropOf(uploadId, 20)))
    granted(await strict.saveImage(owner, idsOf(crop)))
    expect(await strict.startUpload(owner, request)).toEqual(quota)
  })

  test('counts an image with several revisions once', async () => {
    const owner = createOwner()
    const [imageId] = (await placeEntries(host, owner, 1)) as [string]
    const [key = ''] = await world.keys(keys.entriesOfImage(owner.uid, imageId))
    await placeEntry(owner, imageId, key.replace('.vvvvvvvvvv.', '.vvvvvvvvv0.'))
    granted(await (await startStrict(2)).startUpload(owner, request))
  })

  test('does not count deleted images, with or without an entry', async () => {
    const owner = createOwner()
    const strict = await startStrict(3)
    const [one, two] = (await placeEntries(host, owner, 3)) as [string, string]
    expect(await strict.startUpload(owner, request)).toEqual(quota)
    await placeTombstone(host, owner, one)
    granted(await strict.startUpload(owner, request))
    await remove(host, owner, two)
    granted(await strict.startUpload(owner, request))
  })

  test('does not count more than 1,000 deleted images listed before the others', async () => {
    const owner = createOwner()
    const strict = await startStrict(3)
    await placeEntries(host, owner, 2)
    const deleted = await placeEntries(host, owner, 1010, world.storeNow() - 30_000)
    for (let start = 0; start < deleted.length; start += 50) {
      await Promise.all(deleted.slice(start, start + 50).map((imageId) => placeTombstone(host, owner, imageId)))
    }
    granted(await strict.startUpload(owner, request))
    await placeEntries(host, owner, 1)
    expect(await strict.startUpload(owner, request)).toEqual(quota)
  })
})

describe('rule 10: the quota of a save', () => {
  const trySave = async (on: Host, owner: Owner) => on.saveImage(owner, idsOf(await draft(host, owner)))

  test('counts images but not uploads, and copies nothing when reached', async () => {
    const owner = createOwner()
    const strict = await startStrict(3)
    await placeEntries(host, owner, 2)
    const [first, second] = [await draft(host, owner, 1), await draft(host, owner, 2)]
    granted(await strict.saveImage(owner, idsOf(first)))
    const before = strict.written().length
    expect(await strict.saveImage(owner, idsOf(second))).toEqual(quota)
    expect(strict.written()).toHaveLength(before)
    // A repeated save creates no image.
    granted(await strict.saveImage(owner, idsOf(first)))
  })

  test('does not count deleted images', async () => {
    const owner = createOwner()
    const strict = await startStrict(2)
    const [one] = (await placeEntries(host, owner, 2)) as [string]
    expect(await trySave(strict, owner)).toEqual(quota)
    await placeTombstone(host, owner, one)
    granted(await trySave(strict, owner))
    expect(await trySave(strict, owner)).toEqual(quota)
  })
})

describe('rule 10: the limit of 20 images per upload', () => {
  /** Creates a crop, and images of the same upload, every second one deleted. */
  async function prepare(owner: Owner, images: number) {
    const crop = await draft(host, owner)
    for (let at = 0; at < images; at += 1) {
      const imageId = imageIdOf(owner.uid, crop.uploadId, `${at}`.padStart(32, '0'), true)
      if (at % 2) await placeEntry(owner, imageId)
      // Half of the deleted images still have an entry.
      else await placeTombstone(host, owner, imageId)
      if (at % 4 === 0) await placeEntry(owner, imageId)
    }
    return crop
  }

  test('allows the 20th image and rejects the 21st, deleted ones included', async () => {
    const owner = createOwner()
    const crop = await prepare(owner, 19)
    granted(await host.saveImage(owner, idsOf(crop)))
    const next = granted(await host.cropUpload(owner, cropOf(crop.uploadId, 9)))
    const before = host.written().length
    expect(await host.saveImage(owner, idsOf(next))).toEqual(quota)
    expect(host.written()).toHaveLength(before)
    // Repeated saves and other uploads still work.
    granted(await host.saveImage(owner, idsOf(crop)))
    await save(host, owner, 2)
  })

  test('rejects another image after 20 deletions, which limits tombstones', async () => {
    const owner = createOwner()
    const crop = await draft(host, owner)
    for (let at = 0; at < 20; at += 1) {
      await placeTombstone(host, owner, imageIdOf(owner.uid, crop.uploadId, `${at}`.padStart(32, '0'), true))
    }
    expect(await host.saveImage(owner, idsOf(crop))).toEqual(quota)
  })
})

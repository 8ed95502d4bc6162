import { describe, expect, test } from 'vitest'
import type { Owner } from '@/lib/images/storage/image-ref'
import { keys } from '@/lib/images/storage/keys'
import { keptBesidesHistory } from '@/lib/images/test-support/placed'
import { host, other, world } from '@/lib/images/test-support/shared-world'
import { Killed } from '@/lib/images/test-support/watched-client'
import {
  bytesAt,
  createOwner,
  createPicture,
  cropOf,
  draft,
  granted,
  hourMs,
  idsOf,
  imageIdOfSave,
  originalOf,
  remove,
  upload,
} from '@/lib/images/test-support/world'

// Rule 8: a person may choose not to keep the original. A copy left anywhere after the save would break that promise.

const allKeysOf = async ({ uid }: Owner) =>
  (await Promise.all(['incoming', 'drafts', 'users', 'media'].map((prefix) => world.keys(`${prefix}/${uid}/`)))).flat()

/** Lists all objects that contain the original: the upload, the working copy and the kept original. */
const originalsOf = async (owner: Owner) =>
  (await allKeysOf(owner)).filter((key) => key.startsWith('incoming/') || key.includes('/original'))

type Crop = { uploadId: string; cropId: string }
const notKept = (crop: Crop) => ({ ...idsOf(crop), seen: null, keepOriginal: false })
const kept = (crop: Crop) => ({ ...idsOf(crop), seen: null, keepOriginal: true })

/** Lists a person's images with whether the original is offered, and expects the same on both hosts. */
async function listImages(owner: Owner): Promise<[string, boolean][]> {
  const pages = await Promise.all([host, other].map(async (one) => granted(await one.gallery(owner)).images))
  const [onHost, onOther] = pages.map((images) =>
    images.map(({ imageId, original }): [string, boolean] => [imageId, original !== null]).toSorted(),
  )
  expect(onHost).toEqual(onOther)
  return onHost ?? []
}

/** Four copies, the entry, then the trail item and the deletion in parallel. */
const writesOfSave = 7

async function killAfter(request: ReturnType<typeof kept>, owner: Owner, writes: number): Promise<void> {
  const doomed = await world.startHost()
  doomed.killAfterWrites(writes)
  await expect(doomed.saveImage(owner, request)).rejects.toThrow(Killed)
}

describe('rule 8: a save that does not keep the original', () => {
  test('leaves a complete image and no copy of the original', async () => {
    const owner = createOwner()
    const crop = await draft(host, owner)
    const rendered = await Promise.all(crop.variants.map(({ url }) => bytesAt(url)))
    expect(await originalsOf(owner)).toHaveLength(2)
    const saved = granted(await host.saveImage(owner, notKept(crop)))
    expect(saved).toMatchObject({ original: null, current: true })
    expect(await originalsOf(owner)).toEqual([])
    expect(await Promise.all(saved.variants.map(({ url }) => bytesAt(url)))).toEqual(rendered)
    expect(await listImages(owner)).toEqual([[imageIdOfSave(owner, notKept(crop)), false]])
  })

  test('never copies it to originals/ and erases it in one request after the entry', async () => {
    const owner = createOwner()
    const crop = await draft(host, owner)
    const watched = await world.startHost()
    let isCommitted = false
    watched.hooks.before = async ({ command }) => {
      if (command === 'DeleteObjects') expect(isCommitted).toBe(true)
    }
    watched.hooks.after = async ({ keys: [key = ''] }) => {
      if (/\/entries\/\w+\./.test(key)) isCommitted = true
    }
    granted(await watched.saveImage(owner, notKept(crop)))
    const writes = watched.written()
    expect(writes).toHaveLength(writesOfSave)
    expect(writes.filter(({ keys: [key = ''] }) => key.includes('/originals/'))).toEqual([])
    expect(writes[4]?.keys[0]).toMatch(/\/entries\/\w+\.v{10}\.\w{32}\.jpg-o\.$/)
    expect(writes.filter(({ command }) => command.startsWith('Delete'))).toMatchObject([
      {
        command: 'DeleteObjects',
        keys: [keys.upload(owner.uid, crop.uploadId), keys.workingCopy(owner.uid, crop.uploadId, crop.source.etag)],
      },
    ])
  })

  test('returns the same result on a late retry on another host and writes nothing', async () => {
    const owner = createOwner()
    const crop = await draft(host, owner)
    const first = granted(await host.saveImage(owner, notKept(crop)))
    const before = [host.written().length, other.written().length]
    for (const again of [host, other]) expect(granted(await again.saveImage(owner, notKept(crop)))).toEqual(first)
    await world.advance(49 * hourMs)
    expect(granted(await other.saveImage(owner, notKept(crop)))).toMatchObject({
      savedAt: first.savedAt,
      original: null,
    })
    expect([host.written().length, other.written().length]).toEqual(before)
  })

  test('adds an image beside the same crop with the original and keeps that original', async () => {
    const owner = createOwner()
    const crop = await draft(host, owner, 3)
    const first = granted(await host.saveImage(owner, kept(crop)))
    const second = granted(await other.saveImage(owner, notKept(crop)))
    expect(await listImages(owner)).toEqual(
      [
        [first.imageId, true],
        [second.imageId, false],
      ].toSorted(),
    )
    expect((await bytesAt(originalOf(first))).equals(await createPicture(3))).toBe(true)
    expect(await originalsOf(owner)).toEqual([keys.original(owner.uid, first.imageId)])
  })

  test('can be described, made current and deleted without an original', async () => {
    const owner = createOwner()
    const crop = await draft(host, owner)
    const { imageId } = granted(await host.saveImage(owner, notKept(crop)))
    granted(await host.describeImage(owner, imageId, 'me'))
    granted(await other.setCurrent(owner, null))
    granted(await other.setCurrent(owner, imageId))
    expect(granted(await other.gallery(owner)).images).toMatchObject([{ alt: 'me', current: true, original: null }])
    expect(granted(await other.saveImage(owner, notKept(crop)))).toMatchObject({ alt: 'me', original: null })
    expect(await other.recropImage(owner, imageId)).toEqual({ ok: false, code: 'no_original' })
    await remove(host, owner, imageId)
    expect(await listImages(owner)).toEqual([])
    expect((await keptBesidesHistory(owner)).filter((key) => !key.includes('!deleted.'))).toEqual([])
  })

  test('leaves no source for its upload: another crop answers not_uploaded', async () => {
    const owner = createOwner()
    const crop = await draft(host, owner)
    granted(await host.saveImage(owner, notKept(crop)))
    const before = await allKeysOf(owner)
    expect(await other.openUpload(owner, crop.uploadId, null)).toEqual({ ok: false, code: 'not_uploaded' })
    expect(await other.cropUpload(owner, cropOf(crop.uploadId, 9))).toEqual({ ok: false, code: 'not_uploaded' })
    expect(await other.cropUpload(owner, cropOf(crop.uploadId))).toEqual({ ok: false, code: 'not_uploaded' })
    expect(await allKeysOf(owner)).toEqual(before)
  })

  test('of a photo cropped again keeps the original of the older image', async () => {
    const owner = createOwner()
    const old = granted(await host.saveImage(owner, kept(await draft(host, owner, 2))))
    const { uploadId } = granted(await host.recropImage(owner, old.imageId))
    const crop = granted(await other.cropUpload(owner, cropOf(uploadId, 8)))
    const saved = granted(await other.saveImage(owner, { ...notKept(crop), seen: undefined }))
    expect(await listImages(owner)).toEqual(
      [
        [saved.imageId, false],
        [old.imageId, true],
      ].toSorted(),
    )
    expect((await bytesAt(originalOf(old))).equals(await createPicture(2))).toBe(true)
    expect((await originalsOf(owner)).filter((key) => key.includes(uploadId))).toEqual([])
  })
})

describe('rule 8: another crop of an upload with an erased original', () => {
  async function twoCrops(owner: Owner) {
    const uploadId = await upload(host, owner, await createPicture(1))
    const one = granted(await host.cropUpload(owner, cropOf(uploadId, 0)))
    const two = granted(await host.cropUpload(owner, cropOf(uploadId, 20)))
    return { one, two }
  }

  test('answers no_original, commits nothing, and can be saved without the original', async () => {
    const owner = createOwner()
    const { one, two } = await twoCrops(owner)
    const first = granted(await host.saveImage(owner, notKept(one)))
    for (const runner of [host, other]) {
      expect(await runner.saveImage(owner, kept(two))).toEqual({ ok: false, code: 'no_original' })
    }
    expect(await listImages(owner)).toEqual([[first.imageId, false]])
    const second = granted(await other.saveImage(owner, notKept(two)))
    expect(second.imageId).not.toBe(first.imageId)
    for (const { url } of second.variants) await bytesAt(url)
    expect(await listImages(owner)).toHaveLength(2)
    // Cleanup erases the copies of the rejected save two days later.
    await world.advance(49 * hourMs)
    await host.visitGallery(owner)
    const rejected = imageIdOfSave(owner, kept(two))
    expect((await allKeysOf(owner)).filter((key) => key.includes(rejected))).toEqual([])
    expect(await listImages(owner)).toHaveLength(2)
  })

  test('can be opened at its last state and saved without the original', async () => {
    const owner = createOwner()
    const { one, two } = await twoCrops(owner)
    granted(await host.saveImage(owner, notKept(one)))
    const opened = granted(await other.openUpload(owner, two.uploadId, two.cropId))
    expect(opened).toMatchObject({ source: { etag: two.source.etag }, crop: idsOf(two) })
    for (const { url } of opened.crop?.variants ?? []) await bytesAt(url)
    expect(await other.openUpload(owner, two.uploadId, null)).toEqual({ ok: false, code: 'not_uploaded' })
    granted(await other.saveImage(owner, notKept(two)))
  })

  test('keeps an original that it saved before', async () => {
    const owner = createOwner()
    const { one, two } = await twoCrops(owner)
    const first = granted(await host.saveImage(owner, kept(one)))
    granted(await other.saveImage(owner, notKept(two)))
    expect((await bytesAt(originalOf(first))).equals(await createPicture(1))).toBe(true)
    expect(granted(await other.saveImage(owner, kept(one))).imageId).toBe(first.imageId)
  })

  test.each(['CopyObject', 'PutObject'])(
    'raced before the first %s of its save is complete or answers no_original',
    async (at) => {
      const owner = createOwner()
      const { one, two } = await twoCrops(owner)
      const slow = await world.startHost()
      let overtaking: Promise<unknown> | undefined
      slow.hooks.before = async ({ command }) => {
        if (command !== at) return
        overtaking ??= other.saveImage(owner, notKept(one)).then(granted)
        await overtaking
      }
      const answer = await slow.saveImage(owner, kept(two))
      if (at === 'CopyObject') expect(answer).toEqual({ ok: false, code: 'no_original' })
      else expect((await bytesAt(originalOf(granted(answer)))).equals(await createPicture(1))).toBe(true)
      expect(await listImages(owner)).toHaveLength(at === 'CopyObject' ? 1 : 2)
      expect((await originalsOf(owner)).filter((key) => !key.includes('/originals/'))).toEqual([])
    },
  )
})

describe('rule 8: after a kill at any write', () => {
  test('a retry completes a save that does not keep the original', async () => {
    for (let writes = 0; writes <= writesOfSave; writes += 1) {
      const at = `after ${writes}`
      const owner = createOwner()
      const crop = await draft(host, owner)
      if (writes < writesOfSave) await killAfter(notKept(crop), owner, writes)
      else {
        const doomed = await world.startHost()
        doomed.killBeforeAnswer(writesOfSave)
        await expect(doomed.saveImage(owner, notKept(crop))).rejects.toThrow(Killed)
      }
      const answer = granted(await other.saveImage(owner, notKept(crop)))
      expect(answer, at).toMatchObject({ original: null, current: true })
      expect(await listImages(owner), at).toEqual([[imageIdOfSave(owner, notKept(crop)), false]])
      for (const { url } of answer.variants) await bytesAt(url)
      expect(
        (await allKeysOf(owner)).filter((key) => key.includes('/originals/')),
        at,
      ).toEqual([])
      // Killed between the entry and the deletion: the rest expires by the bucket's lifecycle rules.
      const mayRemain = writes === 5 || writes === 6
      if (!mayRemain) expect(await originalsOf(owner), at).toEqual([])
      await world.advance(49 * hourMs)
      expect(await originalsOf(owner), at).toEqual([])
    }
  })

  test('a save that is never retried leaves no original two days later', async () => {
    const people: [Owner, string][] = []
    for (let writes = 1; writes < writesOfSave; writes += 1) {
      const owner = createOwner()
      const crop = await draft(host, owner)
      people.push([owner, imageIdOfSave(owner, notKept(crop))])
      await killAfter(notKept(crop), owner, writes)
    }
    await world.advance(48 * hourMs + 60_000)
    for (const [at, [owner, imageId]] of people.entries()) {
      await other.visitGallery(owner)
      // The fifth write is the entry, which commits the save.
      expect(await listImages(owner)).toEqual(at + 1 < 5 ? [] : [[imageId, false]])
      expect(await originalsOf(owner), `after ${at + 1}`).toEqual([])
      if (at + 1 < 5) expect(await keptBesidesHistory(owner)).toEqual([])
    }
  })

  test.each([
    ['a save that keeps it, retried without it', kept, notKept],
    ['a save without it, retried with it', notKept, kept],
  ])('%s: keeps each committed image and nothing else', async (_name, first, second) => {
    for (let writes = 0; writes < writesOfSave; writes += 1) {
      const at = `after ${writes}`
      const owner = createOwner()
      const crop = await draft(host, owner, 6)
      await killAfter(first(crop), owner, writes)
      // The entry is the sixth write of a save that copies the original, and the fifth of one that does not.
      const isCommitted = writes >= (first === kept ? 6 : 5)
      const answer = await other.saveImage(owner, second(crop))
      const isNoOriginal = !answer.ok
      // If the killed save has erased the original, the retry answers no_original.
      if (isNoOriginal) expect([answer.code, first, isCommitted], at).toEqual(['no_original', notKept, true])
      const saved = [...(isCommitted ? [first] : []), ...(isNoOriginal ? [] : [second])]
      const expected = saved.map((choice): [string, boolean] => [imageIdOfSave(owner, choice(crop)), choice === kept])
      const check = async () => {
        expect(await listImages(owner), at).toEqual(expected.toSorted())
        for (const image of granted(await host.gallery(owner)).images) {
          for (const { url } of image.variants) await bytesAt(url)
          if (image.original) expect((await bytesAt(image.original.url)).equals(await createPicture(6))).toBe(true)
        }
      }
      await check()
      await world.advance(49 * hourMs)
      await host.visitGallery(owner)
      await check()
      const files = (await allKeysOf(owner)).filter((key) => /^media|originals/.test(key))
      expect(files, at).toHaveLength(expected.length * 4 + expected.filter(([, isKept]) => isKept).length)
      expect(await originalsOf(owner), at).toHaveLength(expected.filter(([, isKept]) => isKept).length)
    }
  })
})

describe('rule 8: concurrent saves of a crop with and without the original:', () => {
  test.each([
    ['with', kept, notKept],
    ['without', notKept, kept],
  ])('acknowledged images are complete when the save %s it is delayed', async (_name, slow, quick) => {
    // Delays the slow save before its first request, then before its second, until it has no more.
    let isLast = false
    for (let at = 1; !isLast; at += 1) {
      const owner = createOwner()
      const crop = await draft(host, owner, 7)
      const watched = await world.startHost()
      let isQuickSaved = false
      let requests = 0
      watched.hooks.before = async () => {
        requests += 1
        if (requests !== at) return
        const quickAnswer = await other.saveImage(owner, quick(crop))
        isQuickSaved = quickAnswer.ok
        if (!quickAnswer.ok) expect([quickAnswer.code, quick], `request ${at}`).toEqual(['no_original', kept])
      }
      const answer = await watched.saveImage(owner, slow(crop))
      isLast = requests < at
      if (!answer.ok) expect([answer.code, slow], `request ${at}`).toEqual(['no_original', kept])
      const saved = [...(answer.ok ? [slow] : []), ...(isQuickSaved ? [quick] : [])]
      const expected = saved.map((choice): [string, boolean] => [imageIdOfSave(owner, choice(crop)), choice === kept])
      expect(await listImages(owner), `request ${at}`).toEqual(expected.toSorted())
      for (const image of granted(await host.gallery(owner)).images) {
        if (image.original) expect((await bytesAt(image.original.url)).equals(await createPicture(7))).toBe(true)
        for (const { url } of image.variants) await bytesAt(url)
      }
    }
  })
})

test('rule 8: cleanup erases a copy that the store finishes after the deletion', async () => {
  const owner = createOwner()
  const crop = await draft(host, owner)
  granted(await host.saveImage(owner, notKept(crop)))
  const late = [keys.workingCopy(owner.uid, crop.uploadId, crop.source.etag), keys.upload(owner.uid, crop.uploadId)]
  const copy = keys.original(owner.uid, imageIdOfSave(owner, kept(crop)))
  for (const key of [...late, copy]) await world.place(key, 'late')
  expect(await listImages(owner)).toEqual([[imageIdOfSave(owner, notKept(crop)), false]])
  await world.advance(49 * hourMs)
  await host.visitGallery(owner)
  expect(await originalsOf(owner)).toEqual([])
  expect(await listImages(owner)).toHaveLength(1)
})

import { describe, expect, test } from 'vitest'
import type { Owner } from '@/lib/images/storage/image-ref'
import { entryKey, keys, parseEntryKey, revisionAt } from '@/lib/images/storage/keys'
import { placeEntry, placeTombstone } from '@/lib/images/test-support/placed'
import { host, other, world } from '@/lib/images/test-support/shared-world'
import { Killed } from '@/lib/images/test-support/watched-client'
import {
  bytesAt,
  createOwner,
  cropOf,
  draft,
  granted,
  hourMs,
  idsOf,
  imageIdOfSave,
  originalOf,
  remove,
  save,
} from '@/lib/images/test-support/world'

// What a person can do with a saved image: make it current, describe it, crop it again. For deleting it, see
// delete.contract.test.ts.

const notFound = { ok: false, code: 'not_found' }
const currentOf = async (owner: Owner) => (await other.current(owner)).image?.imageId ?? null
const trailOf = (owner: Owner) => world.keys(keys.trail(owner.uid, host.avatars))
const entriesOf = (owner: Owner, imageId: string) => world.keys(keys.entriesOfImage(owner.uid, imageId))

describe('setting the current image', () => {
  test('rule 4: goes back to an older one, and to none; nothing is overwritten', async () => {
    const owner = createOwner()
    const { imageId: one } = await save(host, owner, 1)
    const { imageId: two } = await save(host, owner, 2)
    for (const [at, imageId] of [one, null, two, one].entries()) {
      const before = await trailOf(owner)
      expect((await (at % 2 ? host : other).setCurrent(owner, imageId)).ok).toBe(true)
      expect(await currentOf(owner)).toBe(imageId)
      expect((await trailOf(owner)).slice(1)).toEqual(before)
    }
    const { images } = granted(await host.gallery(owner))
    expect(images.map(({ imageId, current }) => [imageId, current])).toEqual([
      [two, false],
      [one, true],
    ])
    const { current, history } = await other.history(owner)
    expect(current?.imageId).toBe(one)
    expect(history.map(({ imageId }) => imageId)).toEqual([one, two, null, one, two, one])
  })

  test('answers with the trail as it is then', async () => {
    const owner = createOwner()
    const { imageId } = await save(host, owner)
    const chosen = granted(await host.setCurrent(owner, null))
    const { seen } = await other.current(owner)
    expect(chosen.items.map(({ id, image }) => [id, image?.imageId ?? null])).toEqual([
      [seen, null],
      [expect.any(String), imageId],
    ])
  })

  test('to what it is already writes nothing', async () => {
    const owner = createOwner()
    expect((await host.setCurrent(owner, null)).ok).toBe(true)
    const { imageId } = await save(host, owner)
    const before = host.written().length
    granted(await host.setCurrent(owner, imageId))
    expect(host.written()).toHaveLength(before)
    expect(await trailOf(owner)).toHaveLength(1)
  })

  test('to none after the current image was deleted writes nothing: none is current', async () => {
    const owner = createOwner()
    const { imageId } = await save(host, owner)
    await remove(host, owner, imageId)
    const before = await trailOf(owner)
    granted(await other.setCurrent(owner, null))
    expect(await trailOf(owner)).toEqual(before)
  })

  test('is refused for what is not saved, or deleted', async () => {
    const owner = createOwner()
    const crop = await draft(host, owner)
    expect(await host.setCurrent(owner, imageIdOfSave(owner, crop))).toEqual(notFound)
    const { imageId } = await save(host, owner)
    await remove(host, owner, imageId)
    expect(await host.setCurrent(owner, imageId)).toEqual(notFound)
    expect(await currentOf(owner)).toBeNull()
  })

  test('rule 4: while the image is being deleted leaves no deleted image current', async () => {
    const owner = createOwner()
    const { imageId: kept } = await save(host, owner, 1)
    const { imageId } = await save(host, owner, 2)
    granted(await host.setCurrent(owner, kept))
    const watched = await world.startHost()
    watched.hooks.before = async ({ command }) => {
      if (command === 'PutObject') await remove(other, owner, imageId)
    }
    granted(await watched.setCurrent(owner, imageId))
    expect(await currentOf(owner)).toBeNull()
    granted(await host.setCurrent(owner, kept))
    expect(await currentOf(owner)).toBe(kept)
    await world.advance(49 * hourMs)
    await host.visitGallery(owner)
    expect(await currentOf(owner)).toBe(kept)
  })
})

describe('describing an image', () => {
  test('gives the text back, and changes neither its place, its time nor its pixels', async () => {
    const owner = createOwner()
    const { imageId: first } = await save(host, owner, 1)
    const { imageId, savedAt, variants } = await save(host, owner, 2)
    await save(host, owner, 3)
    for (const alt of ['A cat. On / the "mat"?', 'قطة 👩‍👩‍👧‍👦', '一'.repeat(200), '']) {
      expect(granted(await host.describeImage(owner, imageId, alt))).toMatchObject({
        imageId,
        alt,
        savedAt,
        current: false,
      })
      const { images } = granted(await other.gallery(owner))
      expect(images).toHaveLength(3)
      expect(images[1]).toMatchObject({ imageId, alt, savedAt })
      expect(images[1]?.variants[0]?.url.split('?')[0]).toBe(variants[0]?.url.split('?')[0])
      expect(images[2]).toMatchObject({ imageId: first, alt: '' })
    }
    expect(await entriesOf(owner, imageId)).toHaveLength(1)
  })

  test('rule 12: copies the body, gets a later revision, and erases the older ones last', async () => {
    const owner = createOwner()
    const { imageId } = await save(host, owner)
    let [older] = await entriesOf(owner, imageId)
    for (const alt of ['one', 'two']) {
      const before = host.written().length
      granted(await host.describeImage(owner, imageId, alt))
      const [newer] = await entriesOf(owner, imageId)
      expect((newer ?? '') < (older ?? '')).toBe(true)
      expect(
        host
          .written()
          .slice(before)
          .map(({ command, keys: of }) => [command, ...of]),
      ).toEqual([
        ['CopyObject', newer],
        ['DeleteObject', older],
      ])
      older = newer
    }
    // The recipe went along.
    expect(granted(await other.recropImage(owner, imageId)).recipe.area).toEqual(cropOf('').area)
  })

  test('rule 12: gets a later revision than the newest listed, whatever its own clock', async () => {
    const owner = createOwner()
    const { imageId } = await save(host, owner)
    const [key = ''] = await entriesOf(owner, imageId)
    const name = parseEntryKey(key)
    if (!name) throw new Error('not an entry')
    // The clock that wrote this description was a day ahead.
    const revision = revisionAt(Math.floor(world.storeNow() + 24 * hourMs))
    await placeEntry(owner, imageId, entryKey(owner.uid, { ...name, revision, alt: 'ahead' }))
    const doomed = await world.startHost()
    // Killed before it erases the older ones.
    doomed.killAfterWrites(1)
    await expect(doomed.describeImage(owner, imageId, 'newest')).rejects.toThrow(Killed)
    expect(await entriesOf(owner, imageId)).toHaveLength(3)
    expect(granted(await host.gallery(owner)).images).toMatchObject([{ imageId, alt: 'newest' }])
  })

  test('as it is described already writes nothing', async () => {
    const owner = createOwner()
    const { imageId } = await save(host, owner)
    granted(await host.describeImage(owner, imageId, 'text'))
    const before = other.written().length
    granted(await other.describeImage(owner, imageId, 'text'))
    expect(other.written()).toHaveLength(before)
  })

  test('rule 12: twice at the same moment leaves one newest, the same on every host', async () => {
    for (let round = 0; round < 5; round += 1) {
      const owner = createOwner()
      const { imageId } = await save(host, owner)
      const texts = ['one', 'two', 'three', 'four']
      const answers = await Promise.all(
        texts.map((alt, at) => (at % 2 ? host : other).describeImage(owner, imageId, alt)),
      )
      for (const [at, answer] of answers.entries()) expect(granted(answer).alt).toBe(texts[at])
      const seen = await Promise.all([host, other].map(async (on) => granted(await on.gallery(owner)).images))
      expect(seen[0]).toHaveLength(1)
      expect(texts).toContain(seen[0]?.[0]?.alt)
      expect(seen[1]?.[0]?.alt).toBe(seen[0]?.[0]?.alt)
      expect(granted(await host.readImage(owner, imageId)).alt).toBe(seen[0]?.[0]?.alt)
      granted(await host.describeImage(owner, imageId, 'last'))
      expect(await entriesOf(owner, imageId)).toHaveLength(1)
    }
  })

  test('rule 12: reads again if another description has replaced the entry', async () => {
    const owner = createOwner()
    const { imageId } = await save(host, owner)
    const slow = await world.startHost()
    slow.hooks.before = async ({ command }) => {
      if (command !== 'CopyObject') return
      delete slow.hooks.before
      granted(await other.describeImage(owner, imageId, 'first'))
    }
    expect(granted(await slow.describeImage(owner, imageId, 'second')).alt).toBe('second')
    expect(granted(await host.gallery(owner)).images).toMatchObject([{ imageId, alt: 'second' }])
    expect(await entriesOf(owner, imageId)).toHaveLength(1)
  })

  test('is refused for what is not saved, or deleted', async () => {
    const owner = createOwner()
    const crop = await draft(host, owner)
    expect(await host.describeImage(owner, imageIdOfSave(owner, crop), 'text')).toEqual(notFound)
    const { imageId } = await save(host, owner)
    await remove(host, owner, imageId)
    expect(await host.describeImage(owner, imageId, 'text')).toEqual(notFound)
  })

  test.each(['CopyObject', 'DeleteObject'])('while it is deleted, before its %s, shows nothing', async (at) => {
    const owner = createOwner()
    const { imageId } = await save(host, owner)
    const watched = await world.startHost()
    let isDeleted = false
    watched.hooks.before = async ({ command }) => {
      if (command !== at || isDeleted) return
      isDeleted = true
      await remove(other, owner, imageId)
    }
    const answer = await watched.describeImage(owner, imageId, 'text')
    if (at === 'CopyObject') expect(answer).toEqual(notFound)
    expect(isDeleted).toBe(true)
    expect(granted(await host.gallery(owner)).images).toEqual([])
    expect(await host.readImage(owner, imageId)).toEqual(notFound)
    await world.advance(49 * hourMs)
    await host.visitGallery(owner)
    expect(await entriesOf(owner, imageId)).toEqual([])
    expect(granted(await host.gallery(owner)).images).toEqual([])
  })
})

describe('rule 9: cropping again', () => {
  test('copies the original to a new upload, returns the recipe, keeps the old image', async () => {
    const owner = createOwner()
    const { uploadId, cropId } = await draft(host, owner, 1)
    const moved = granted(await host.cropUpload(owner, { ...cropOf(uploadId, 13), rotate: 90 }))
    expect(moved.cropId).not.toBe(cropId)
    const saved = granted(await host.saveImage(owner, idsOf(moved)))
    const before = granted(await host.gallery(owner))
    const written = other.written().length

    const fresh = granted(await other.recropImage(owner, saved.imageId))
    expect(fresh.uploadId).not.toBe(uploadId)
    expect(fresh.recipe).toEqual({
      area: cropOf('', 13).area,
      rotate: 90,
      flip: { horizontal: false, vertical: false },
    })
    expect(other.written().slice(written)).toMatchObject([
      { command: 'CopyObject', keys: [keys.upload(owner.uid, fresh.uploadId)] },
    ])
    const opened = granted(await host.openUpload(owner, fresh.uploadId, null))
    expect(opened).toMatchObject({ recipe: null, crop: null })
    expect((await bytesAt(opened.source.url)).equals(await bytesAt(originalOf(saved)))).toBe(true)
    expect(granted(await host.gallery(owner))).toEqual(before)
  })

  test('makes an image that does not need the old one, which may be deleted', async () => {
    const owner = createOwner()
    const old = await save(host, owner, 1)
    const original = await bytesAt(originalOf(old))
    const { uploadId } = granted(await other.recropImage(owner, old.imageId))
    await remove(host, owner, old.imageId)
    const crop = granted(await other.cropUpload(owner, cropOf(uploadId, 5)))
    const saved = granted(await other.saveImage(owner, idsOf(crop)))
    expect((await bytesAt(originalOf(saved))).equals(original)).toBe(true)
    expect(granted(await host.gallery(owner)).images.map(({ imageId }) => imageId)).toEqual([saved.imageId])
  })

  test('gives an upload that expires like any other', async () => {
    const owner = createOwner()
    const { imageId } = await save(host, owner)
    const { uploadId } = granted(await host.recropImage(owner, imageId))
    await world.advance(25 * hourMs)
    expect(await other.cropUpload(owner, cropOf(uploadId))).toEqual({ ok: false, code: 'not_uploaded' })
    const { uploadId: next } = granted(await other.recropImage(owner, imageId))
    const crop = granted(await host.cropUpload(owner, cropOf(next, 4)))
    expect(granted(await host.saveImage(owner, idsOf(crop))).current).toBe(true)
    expect(granted(await other.gallery(owner)).images).toHaveLength(2)
  })

  test('works while a description replaces the entry', async () => {
    const owner = createOwner()
    const { imageId } = await save(host, owner)
    const slow = await world.startHost()
    slow.hooks.before = async ({ command }) => {
      if (command !== 'GetObject') return
      delete slow.hooks.before
      granted(await other.describeImage(owner, imageId, 'text'))
    }
    const { uploadId, recipe } = granted(await slow.recropImage(owner, imageId))
    expect(recipe.area).toEqual(cropOf('').area)
    granted(await host.openUpload(owner, uploadId, null))
    expect(await world.keys(keys.uploadsOf(owner.uid))).toHaveLength(2)
  })

  test.each(['CopyObject', 'GetObject'])('while it is deleted, before its %s, answers not_found', async (at) => {
    const owner = createOwner()
    const { imageId } = await save(host, owner)
    const slow = await world.startHost()
    slow.hooks.before = async ({ command }) => {
      if (command !== at) return
      delete slow.hooks.before
      await remove(other, owner, imageId)
    }
    expect(await slow.recropImage(owner, imageId)).toEqual(notFound)
  })

  test('is refused for what is not saved, or deleted, and when the quota is reached', async () => {
    const owner = createOwner()
    const crop = await draft(host, owner)
    expect(await host.recropImage(owner, imageIdOfSave(owner, crop))).toEqual(notFound)
    const { imageId } = await save(host, owner)
    const strict = await world.startHost({ variables: { USER_QUOTA: '2' } })
    expect(await strict.recropImage(owner, imageId)).toEqual({ ok: false, code: 'quota' })
    await placeTombstone(host, owner, imageId)
    expect(await host.recropImage(owner, imageId)).toEqual(notFound)
  })
})

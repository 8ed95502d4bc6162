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

// Operations on a saved image: make it current, describe it, crop it again. Each may race a deletion or another host.
// delete.contract.test.ts tests deletions.

const notFound = { ok: false, code: 'not_found' }
const currentOf = async (owner: Owner) => (await other.current(owner)).image?.imageId ?? null
const trailOf = (owner: Owner) => world.keys(keys.trail(owner.uid, host.avatars))
const entriesOf = (owner: Owner, imageId: string) => world.keys(keys.entriesOfImage(owner.uid, imageId))

describe('setting the current image', () => {
  test('rule 4: selects an older image or none and overwrites nothing', async () => {
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

  test('returns the updated trail', async () => {
    const owner = createOwner()
    const { imageId } = await save(host, owner)
    const chosen = granted(await host.setCurrent(owner, null))
    const { seen } = await other.current(owner)
    expect(chosen.items.map(({ id, image }) => [id, image?.imageId ?? null])).toEqual([
      [seen, null],
      [expect.any(String), imageId],
    ])
  })

  test('writes nothing if the image is current already', async () => {
    const owner = createOwner()
    expect((await host.setCurrent(owner, null)).ok).toBe(true)
    const { imageId } = await save(host, owner)
    const before = host.written().length
    granted(await host.setCurrent(owner, imageId))
    expect(host.written()).toHaveLength(before)
    expect(await trailOf(owner)).toHaveLength(1)
  })

  test('writes nothing for "none" after the current image was deleted', async () => {
    const owner = createOwner()
    const { imageId } = await save(host, owner)
    await remove(host, owner, imageId)
    const before = await trailOf(owner)
    granted(await other.setCurrent(owner, null))
    expect(await trailOf(owner)).toEqual(before)
  })

  test('rejects an unsaved and a deleted image', async () => {
    const owner = createOwner()
    const crop = await draft(host, owner)
    expect(await host.setCurrent(owner, imageIdOfSave(owner, crop))).toEqual(notFound)
    const { imageId } = await save(host, owner)
    await remove(host, owner, imageId)
    expect(await host.setCurrent(owner, imageId)).toEqual(notFound)
    expect(await currentOf(owner)).toBeNull()
  })

  test('rule 4: leaves no deleted image current when it races the deletion', async () => {
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
  test('returns the text and keeps position, time and pixels', async () => {
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

  test('rule 12: copies the body to a later revision, then erases older revisions', async () => {
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
          .map(({ command, keys: affected }) => [command, ...affected]),
      ).toEqual([
        ['CopyObject', newer],
        ['DeleteObject', older],
      ])
      older = newer
    }
    // The copied body contains the recipe.
    expect(granted(await other.recropImage(owner, imageId)).recipe.area).toEqual(cropOf('').area)
  })

  test('rule 12: gets a later revision than the newest listed, on any clock', async () => {
    const owner = createOwner()
    const { imageId } = await save(host, owner)
    const [key = ''] = await entriesOf(owner, imageId)
    const name = parseEntryKey(key)
    if (!name) throw new Error('not an entry')
    // The clock of the host that wrote this description was a day fast.
    const revision = revisionAt(Math.floor(world.storeNow() + 24 * hourMs))
    await placeEntry(owner, imageId, entryKey(owner.uid, { ...name, revision, alt: 'ahead' }))
    const doomed = await world.startHost()
    // Killed before it erases the older revisions.
    doomed.killAfterWrites(1)
    await expect(doomed.describeImage(owner, imageId, 'newest')).rejects.toThrow(Killed)
    expect(await entriesOf(owner, imageId)).toHaveLength(3)
    expect(granted(await host.gallery(owner)).images).toMatchObject([{ imageId, alt: 'newest' }])
  })

  test('writes nothing if the description is unchanged', async () => {
    const owner = createOwner()
    const { imageId } = await save(host, owner)
    granted(await host.describeImage(owner, imageId, 'text'))
    const before = other.written().length
    granted(await other.describeImage(owner, imageId, 'text'))
    expect(other.written()).toHaveLength(before)
  })

  test('rule 12: concurrent descriptions leave one newest, the same on every host', async () => {
    for (let round = 0; round < 5; round += 1) {
      const owner = createOwner()
      const { imageId } = await save(host, owner)
      const texts = ['one', 'two', 'three', 'four']
      const answers = await Promise.all(
        texts.map((alt, at) => (at % 2 ? host : other).describeImage(owner, imageId, alt)),
      )
      for (const [at, answer] of answers.entries()) expect(granted(answer).alt).toBe(texts[at])
      const pages = await Promise.all([host, other].map(async (reader) => granted(await reader.gallery(owner)).images))
      const newest = pages[0]?.[0]?.alt
      expect(pages[0]).toHaveLength(1)
      expect(texts).toContain(newest)
      expect(pages[1]?.[0]?.alt).toBe(newest)
      expect(granted(await host.readImage(owner, imageId)).alt).toBe(newest)
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

  test('rejects an unsaved and a deleted image', async () => {
    const owner = createOwner()
    const crop = await draft(host, owner)
    expect(await host.describeImage(owner, imageIdOfSave(owner, crop), 'text')).toEqual(notFound)
    const { imageId } = await save(host, owner)
    await remove(host, owner, imageId)
    expect(await host.describeImage(owner, imageId, 'text')).toEqual(notFound)
  })

  test.each(['CopyObject', 'DeleteObject'])('shows nothing if a deletion precedes its %s', async (at) => {
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

  test('creates an image that does not depend on the old one', async () => {
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

  test('creates an upload that expires like any other', async () => {
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

  test.each(['CopyObject', 'GetObject'])('answers not_found if a deletion precedes its %s', async (at) => {
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

  test('rejects an unsaved or a deleted image, and any image above the quota', async () => {
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

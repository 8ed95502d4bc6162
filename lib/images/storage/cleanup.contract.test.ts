import { describe, expect, test } from 'vitest'
import {
  entryOf,
  filesOfImage,
  imageIdAt,
  isHistory,
  keptBesidesHistory,
  keptOf,
  placeEntries,
  placeEntry,
  placeFiles,
  placeTombstone,
} from '@/lib/images/test-support/placed'
import { host, other, world } from '@/lib/images/test-support/shared-world'
import { Killed } from '@/lib/images/test-support/watched-client'
import {
  createOwner,
  draft,
  granted,
  type Host,
  hourMs,
  idsOf,
  imageIdOfSave,
  originalOf,
  remove,
  save,
} from '@/lib/images/test-support/world'
import type { Owner } from './image-ref'
import { keys } from './keys'
import { trailIdForCleanup } from './trail'

// Rule 7. `visitGallery` sends a gallery response and runs the cleanup after it.

const daysAgo = (days: number) => Math.floor(world.storeNow() - days * 24 * hourMs)
const trailOf = (owner: Owner) => world.keys(keys.trail(owner.uid, host.avatars))
const tombstonesOf = async (owner: Owner) => (await trailOf(owner)).filter((key) => key.includes('!deleted.'))
const currentOf = async (owner: Owner) => (await other.current(owner)).image?.imageId ?? null
const keptOfImage = async (owner: Owner, imageId: string) =>
  (await keptOf(owner)).filter((key) => key.includes(imageId) && !isHistory(key))

/** Returns command and keys of a host's writes after the first `before`. */
const writesSince = (on: Host, before: number) =>
  on
    .written()
    .slice(before)
    .map(({ command, keys: of }) => ({ command, keys: of }))

test('rule 7: sends no requests after the first visit of a day', async () => {
  const owner = createOwner()
  await save(host, owner)
  await host.visitGallery(owner)
  const before = host.sent.length
  await host.visitGallery(owner)
  expect(host.sent.slice(before).map(({ command }) => command)).toEqual(['ListObjectsV2', 'ListObjectsV2'])
})

describe('rule 7a: deleted images with an entry', () => {
  test.each([
    ['its tombstone', 1],
    ['its variants', 2],
    ['its original', 3],
  ])('are erased by the next visit if the deletion was killed after %s', async (_name, writes) => {
    const owner = createOwner()
    const { imageId: kept } = await save(host, owner, 1)
    const { imageId } = await save(host, owner, 2)
    const doomed = await world.startHost()
    doomed.killAfterWrites(writes)
    await expect(remove(doomed, owner, imageId)).rejects.toThrow(Killed)
    expect((await keptOfImage(owner, imageId)).length).toBeGreaterThan(1)
    await host.visitGallery(owner)
    expect(await keptOfImage(owner, imageId)).toEqual(await tombstonesOf(owner))
    expect(await keptOfImage(owner, kept)).toHaveLength(6)
    for (const on of [host, other]) {
      expect(granted(await on.gallery(owner)).images).toMatchObject([{ imageId: kept, current: false }])
    }
  })

  test('are erased files first, entry last, so a killed cleanup is repeated', async () => {
    const owner = createOwner()
    const { imageId } = await save(host, owner)
    await placeTombstone(host, owner, imageId)
    await host.visitGallery(createOwner())
    const before = host.written().length
    await host.visitGallery(owner)
    const writes = writesSince(host, before)
    const variants = filesOfImage(host, owner, imageId).filter((key) => key.startsWith('media/'))
    expect(writes.slice(0, 3)).toEqual([
      { command: 'DeleteObjects', keys: variants },
      { command: 'DeleteObject', keys: [keys.original(owner.uid, imageId)] },
      { command: 'DeleteObject', keys: [expect.stringContaining(`/entries/${imageId}.`)] },
    ])
  })

  test('are erased with all revisions, on any page of the gallery', async () => {
    const owner = createOwner()
    const ids = await placeEntries(host, owner, 80)
    const [oldest] = ids as [string]
    await placeEntry(owner, oldest, entryOf(owner, oldest).replace('.vvvvvvvvvv.', '.vvvvvvvvv0.'))
    await placeTombstone(host, owner, oldest)
    await host.visitGallery(owner)
    expect(await world.keys(keys.entriesOfImage(owner.uid, oldest))).toHaveLength(2)
    const { nextCursor } = granted(await host.gallery(owner))
    await host.visitGallery(owner, { cursor: nextCursor })
    expect(await world.keys(keys.entriesOfImage(owner.uid, oldest))).toHaveLength(0)
    expect(await world.keys(keys.entries(owner.uid))).toHaveLength(79)
  })
})

describe('rule 7a: a tombstone without an entry', () => {
  test('costs no request until it is 48 hours old, then is removed', async () => {
    const owner = createOwner()
    const { imageId } = await save(host, owner)
    await remove(host, owner, imageId)
    await world.advance(48 * hourMs - 60_000)
    await other.visitGallery(owner)
    const before = host.sent.length
    await host.visitGallery(owner)
    expect(host.sent).toHaveLength(before + 2)
    expect(await keptBesidesHistory(owner)).toEqual(await tombstonesOf(owner))
    expect(await tombstonesOf(owner)).toHaveLength(1)
    await world.advance(120_000)
    await host.visitGallery(owner)
    expect(await keptBesidesHistory(owner)).toEqual([])
  })

  test('rule 7b: stays until T is 48 hours ago, whatever its own age', async () => {
    const owner = createOwner()
    // The clock of the host that issued this upload was ten hours ahead.
    const imageId = imageIdAt(host, owner, world.storeNow() + 10 * hourMs)
    await placeTombstone(host, owner, imageId)
    await world.advance(57 * hourMs)
    await host.visitGallery(owner)
    expect(await tombstonesOf(owner)).toHaveLength(1)
    await world.advance(2 * hourMs)
    await host.visitGallery(owner)
    expect(await tombstonesOf(owner)).toEqual([])
  })

  test('rule 1: stays if it is new, even if the image is old', async () => {
    const owner = createOwner()
    const [imageId] = (await placeEntries(host, owner, 1, daysAgo(30))) as [string]
    await remove(host, owner, imageId)
    await host.visitGallery(owner)
    expect(await tombstonesOf(owner)).toHaveLength(1)
  })
})

describe('rule 7b: removing a tombstone', () => {
  test('writes `none` directly after the head if the head is that image', async () => {
    const owner = createOwner()
    await save(host, owner, 1)
    const { imageId } = await save(host, owner, 2)
    const { seen } = await host.current(owner)
    await remove(host, owner, imageId)
    await world.advance(49 * hourMs)
    expect(await currentOf(owner)).toBeNull()
    await host.visitGallery(owner)
    expect(await tombstonesOf(owner)).toEqual([])
    const { seen: head, image } = await other.current(owner)
    expect(image).toBeNull()
    expect(head).toBe(trailIdForCleanup(seen ?? ''))
    expect((await trailOf(owner)).filter((key) => key.endsWith('.none'))).toHaveLength(1)
    // Trail items of the deleted image stay.
    expect((await trailOf(owner)).filter((key) => key.endsWith(`.${imageId}`))).toHaveLength(1)
  })

  test('writes no `none` if another image is the head', async () => {
    const owner = createOwner()
    const { imageId } = await save(host, owner, 1)
    const { imageId: newer } = await save(host, owner, 2)
    await remove(host, owner, imageId)
    await world.advance(49 * hourMs)
    await host.visitGallery(owner)
    expect(await tombstonesOf(owner)).toEqual([])
    expect(await currentOf(owner)).toBe(newer)
    expect((await trailOf(owner)).filter((key) => key.endsWith('.none'))).toEqual([])
  })

  test('rule 4: does not make `seen` stale for a save that saw that head', async () => {
    const owner = createOwner()
    const { imageId } = await save(host, owner, 1)
    const { seen } = await host.current(owner)
    await remove(host, owner, imageId)
    await world.advance(40 * hourMs)
    const crop = await draft(host, owner, 2)
    await world.advance(9 * hourMs)
    await other.visitGallery(owner)
    expect((await host.current(owner)).seen).toBe(trailIdForCleanup(seen ?? ''))
    expect(granted(await host.saveImage(owner, { ...idsOf(crop), seen })).current).toBe(true)
    expect(await currentOf(owner)).toBe(imageIdOfSave(owner, crop))
  })

  test('does not replace an image that a concurrent save makes current', async () => {
    const owner = createOwner()
    const { imageId } = await save(host, owner, 1)
    await remove(host, owner, imageId)
    await world.advance(40 * hourMs)
    const crop = await draft(host, owner, 2)
    await world.advance(9 * hourMs)
    const slow = await world.startHost()
    slow.hooks.before = async ({ command, keys: [key = ''] }) => {
      if (command !== 'PutObject' || !key.endsWith('.none')) return
      expect(granted(await host.saveImage(owner, idsOf(crop))).current).toBe(true)
    }
    await slow.visitGallery(owner)
    expect((await trailOf(owner)).filter((key) => key.endsWith('.none'))).toHaveLength(1)
    expect(await currentOf(owner)).toBe(imageIdOfSave(owner, crop))
  })

  test('erases late objects by listing, then the tombstone in its own request', async () => {
    const owner = createOwner()
    const { imageId } = await save(host, owner)
    const sent = (await keptOfImage(owner, imageId)).toSorted()
    expect(sent).toHaveLength(6)
    await remove(host, owner, imageId)
    await world.advance(49 * hourMs)
    for (const key of sent) await world.place(key, 'late')
    const more = [
      `${keys.mediaOfImage(owner.uid, imageId)}of-a-newer-version`,
      `${keys.entriesOfImage(owner.uid, imageId)}newer`,
    ]
    for (const key of more) await world.place(key, 'late')
    const before = host.written().length
    await host.visitGallery(owner)
    expect(await keptBesidesHistory(owner)).toEqual([])
    const writes = writesSince(host, before)
    const tombstone = keys.tombstone(owner.uid, host.avatars, imageId)
    const last = writes.findIndex(({ keys: of }) => of.includes(tombstone))
    expect(writes[last]).toEqual({ command: 'DeleteObject', keys: [tombstone] })
    expect(writes.slice(0, last).flatMap(({ keys: of }) => of)).toEqual(expect.arrayContaining([...sent, ...more]))
    expect(
      writes
        .slice(last + 1)
        .flatMap(({ keys: of }) => of)
        .filter((key) => key.includes(imageId)),
    ).toEqual([])
  })

  test('keeps late objects hidden, even after a week without a visit', async () => {
    const owner = createOwner()
    const { imageId } = await save(host, owner)
    const sent = await keptOfImage(owner, imageId)
    await remove(host, owner, imageId)
    for (const key of sent) await world.place(key, 'late')
    await world.advance(7 * 24 * hourMs)
    expect(granted(await other.gallery(owner)).images).toEqual([])
    await host.visitGallery(owner)
    expect(await keptBesidesHistory(owner)).toEqual([])
    expect(granted(await other.gallery(owner)).images).toEqual([])
  })
})

describe('rule 7c: copies without an entry', () => {
  test('of a killed save are erased once T is 48 hours ago, and not before', async () => {
    for (const writes of [1, 3, 5]) {
      const owner = createOwner()
      const { imageId: kept } = await save(host, owner, 1)
      const crop = await draft(host, owner, 2)
      const imageId = imageIdOfSave(owner, crop)
      const doomed = await world.startHost()
      doomed.killAfterWrites(writes)
      await expect(doomed.saveImage(owner, idsOf(crop))).rejects.toThrow(Killed)
      const left = await keptOfImage(owner, imageId)
      expect(left).toHaveLength(writes)
      await world.advance(48 * hourMs - 60_000)
      await host.visitGallery(owner)
      expect(await keptOfImage(owner, imageId)).toEqual(left)
      await world.advance(25 * hourMs)
      await host.visitGallery(owner)
      expect(await keptOfImage(owner, imageId)).toEqual([])
      const { images } = granted(await other.gallery(owner))
      expect(images.map((image) => [image.imageId, image.current])).toEqual([[kept, true]])
      for (const image of images) expect((await fetch(originalOf(image))).status).toBe(200)
    }
  })

  test('rule 1: are erased by T, not by the time at which they were written', async () => {
    const owner = createOwner()
    const [old, young] = [imageIdAt(host, owner, daysAgo(3)), imageIdAt(host, owner, world.storeNow() + 60 * hourMs)]
    // Written now, with T three days ago.
    await placeFiles(host, owner, old)
    // Written two and a half days before T.
    await placeFiles(host, owner, young)
    await host.visitGallery(owner)
    expect(await keptOfImage(owner, old)).toEqual([])
    await world.advance(59 * hourMs)
    await host.visitGallery(owner)
    expect(await keptOfImage(owner, young)).toHaveLength(5)
  })

  test('are searched for once a day per person and collection', async () => {
    const owner = createOwner()
    await host.visitGallery(owner)
    const today = new Date(world.storeNow()).toISOString().slice(0, 10)
    const mark = keys.cleaned(owner.uid, host.avatars, today)
    expect(await trailOf(owner)).toEqual([mark])
    const imageId = imageIdAt(host, owner, daysAgo(3))
    await placeFiles(host, owner, imageId)
    await other.visitGallery(owner)
    expect(await keptOfImage(owner, imageId)).toHaveLength(5)
    await world.advance(24 * hourMs)
    await other.visitGallery(owner)
    expect(await keptOfImage(owner, imageId)).toEqual([])
    const tomorrow = new Date(world.storeNow()).toISOString().slice(0, 10)
    expect(await trailOf(owner)).toEqual([keys.cleaned(owner.uid, host.avatars, tomorrow)])
  })

  test('are kept if the image has any entry, even one with an unknown name', async () => {
    const owner = createOwner()
    const [known, described] = (await placeEntries(host, owner, 2, daysAgo(30))) as [string, string]
    const newer = imageIdAt(host, owner, daysAgo(20))
    const unknown = `${keys.entriesOfImage(owner.uid, newer)}0.of.a.newer.version`
    await world.place(unknown)
    granted(await host.describeImage(owner, described, 'me'))
    for (const imageId of [known, described, newer]) await placeFiles(host, owner, imageId)
    await host.visitGallery(owner)
    for (const imageId of [known, described, newer]) expect(await keptOfImage(owner, imageId)).toHaveLength(6)
  })

  test('are kept if their entry is written just before they are erased', async () => {
    const owner = createOwner()
    const imageId = imageIdAt(host, owner, daysAgo(3))
    await placeFiles(host, owner, imageId)
    const slow = await world.startHost()
    let checks = 0
    slow.hooks.before = async ({ command, keys: [prefix] }) => {
      if (command !== 'ListObjectsV2' || prefix !== keys.entriesOfImage(owner.uid, imageId)) return
      checks += 1
      await placeEntry(owner, imageId)
    }
    await slow.visitGallery(owner)
    expect(checks).toBe(1)
    expect(await keptOfImage(owner, imageId)).toHaveLength(6)
  })

  test('are listed before the entries and checked again before they are erased', async () => {
    const owner = createOwner()
    const imageId = imageIdAt(host, owner, daysAgo(3))
    await placeFiles(host, owner, imageId)
    const before = host.sent.length
    await host.visitGallery(owner)
    const names = host.sent
      .slice(before + 2)
      .map(({ command, keys: [key = ''] }) => `${command} ${key.replace(owner.uid, '<uid>')}`)
    expect(names.slice(0, 2).toSorted()).toEqual([
      'ListObjectsV2 media/<uid>/a',
      'ListObjectsV2 users/<uid>/v1/originals/a',
    ])
    expect(names.slice(2, 4)).toEqual([
      'ListObjectsV2 users/<uid>/v1/entries/a',
      `ListObjectsV2 users/<uid>/v1/entries/${imageId}.`,
    ])
    // Writes the day's mark last, so a killed search is repeated.
    expect(names.at(-1)).toMatch(/^PutObject users\/<uid>\/v1\/trail\/a\/!cleaned\./)
  })

  test('are never erased if this build does not know their names', async () => {
    const owner = createOwner()
    const foreign = imageIdAt(host, createOwner(), daysAgo(3))
    const strange = [
      `media/${owner.uid}/a-readme.txt`,
      `users/${owner.uid}/v1/originals/a-readme.txt`,
      keys.variant(owner.uid, foreign, '512'),
    ]
    for (const key of strange) await world.place(key)
    await host.visitGallery(owner)
    expect(await keptOf(owner)).toEqual(expect.arrayContaining(strange))
  })
})

test('rule 7: erases only in its own collection', async () => {
  const owner = createOwner()
  const covers = await world.startHost({ collection: 'covers' })
  const [deleted] = (await placeEntries(covers, owner, 1, daysAgo(9))) as [string]
  const orphan = imageIdAt(covers, owner, daysAgo(9))
  await placeTombstone(covers, owner, deleted)
  await placeFiles(covers, owner, orphan)
  const before = await keptOf(owner)
  await world.advance(49 * hourMs)
  await host.visitGallery(owner)
  expect((await keptOf(owner)).filter((key) => !key.includes('!cleaned.'))).toEqual(before)
  await covers.visitGallery(owner)
  expect(await keptBesidesHistory(owner)).toEqual([])
})

test('rule 7: erases nothing of a save in progress, at any of its requests', async () => {
  const owner = createOwner()
  let isThrough = false
  for (let at = 1; !isThrough; at += 1) {
    const crop = await draft(host, owner, at)
    await world.advance(46.9 * hourMs)
    const slow = await world.startHost()
    let requests = 0
    slow.hooks.before = async ({ command }) => {
      requests += 1
      if (requests !== at) return
      // After its first write, a save waits for the store for less than a minute in total.
      if (/Put|Copy/.test(command)) await world.advance(hourMs)
      await other.visitGallery(owner)
    }
    const saved = granted(await slow.saveImage(owner, idsOf(crop)))
    for (const url of [originalOf(saved), ...saved.variants.map((variant) => variant.url)]) {
      expect((await fetch(url)).status, `request ${at}`).toBe(200)
    }
    isThrough = requests < at
    if (isThrough) expect(granted(await other.gallery(owner)).images).toHaveLength(at)
  }
})

test('rule 7: is completed by the next visit if it is killed after any write', async () => {
  const prepare = async () => {
    const owner = createOwner()
    const { imageId: kept } = await save(host, owner, 1)
    const { imageId: old } = await save(host, owner, 2)
    await remove(host, owner, old)
    const crop = await draft(host, owner, 3)
    const dying = await world.startHost()
    dying.killAfterWrites(5)
    await expect(dying.saveImage(owner, idsOf(crop))).rejects.toThrow(Killed)
    const { imageId: half } = await save(host, owner, 4)
    return { owner, kept, old, half, orphan: imageIdOfSave(owner, crop) }
  }
  const people = await Promise.all(Array.from({ length: 14 }, prepare))
  await world.advance(49 * hourMs)
  let finished = 0
  for (const [writes, { owner, kept, half, old, orphan }] of people.entries()) {
    // Here the head's tombstone is old too. Of the newest deletion, only the tombstone exists.
    await placeTombstone(host, owner, half)
    for (const key of filesOfImage(host, owner, old)) await world.place(key, 'late')
    const doomed = await world.startHost()
    doomed.killAfterWrites(writes)
    await doomed.visitGallery(owner).catch((error: unknown) => expect(error).toBeInstanceOf(Killed))
    const at = `killed after ${writes}`
    const expectKept = async () => {
      expect(granted(await other.gallery(owner)).images, at).toMatchObject([{ imageId: kept, current: false }])
      expect(await currentOf(owner), at).toBeNull()
    }
    await expectKept()
    if (!doomed.isDead()) finished += 1
    await other.visitGallery(owner)
    await expectKept()
    expect(await keptOfImage(owner, kept), at).toHaveLength(6)
    for (const imageId of [old, orphan]) expect(await keptOfImage(owner, imageId), at).toEqual([])
    expect(await keptOfImage(owner, half), at).toEqual([keys.tombstone(owner.uid, host.avatars, half)])
  }
  expect(finished).toBeGreaterThan(1)
  expect(finished).toBeLessThan(people.length - 6)
})

import { describe, expect, test } from 'vitest'
import type { GalleryPage, SavedImage } from './schema'
import type { Owner } from './storage/image-ref'
import { entryKey, firstRevision, keys, parseEntryKey, revisionAt } from './storage/keys'
import { entryOf, imageIdAt, placeEntries, placeEntry, placeTombstone } from './test-support/placed'
import { host, other, world } from './test-support/shared-world'
import { createOwner, granted, save } from './test-support/world'

/** Reads all pages in order. */
async function readPages(owner: Owner, limit: number): Promise<SavedImage[][]> {
  const pages: SavedImage[][] = []
  let cursor: string | null = null
  do {
    const page: GalleryPage = granted(await other.gallery(owner, { cursor, limit }))
    pages.push(page.images)
    cursor = page.nextCursor
  } while (cursor)
  return pages
}

const idsIn = (images: SavedImage[]) => images.map(({ imageId }) => imageId)

/** Writes later revisions of an image's entry, oldest first, as descriptions do. */
async function placeRevisions(owner: Owner, imageId: string, count: number): Promise<void> {
  const name = parseEntryKey(entryOf(owner, imageId))
  if (!name) throw new Error('not an entry')
  for (let at = 0; at < count; at += 1) {
    const revised = { ...name, revision: revisionAt(1_800_000_000_000 + at), alt: `text ${at}` }
    await placeEntry(owner, imageId, entryKey(owner.uid, revised))
  }
}

describe('a gallery', () => {
  test('is one empty page without images', async () => {
    expect(granted(await host.gallery(createOwner()))).toEqual({ images: [], nextCursor: null })
  })

  test('lists each image once, newest upload first, on pages of any size', async () => {
    const owner = createOwner()
    const ids = await placeEntries(host, owner, 11)
    for (const limit of [1, 4, 11, 100]) {
      const pages = await readPages(owner, limit)
      expect(idsIn(pages.flat())).toEqual(ids.toReversed())
      expect(pages).toHaveLength(Math.ceil(11 / limit))
    }
  })

  test('rule 12: continues after saves and deletions between two pages', async () => {
    const owner = createOwner()
    const [first, second, third, fourth] = (await placeEntries(host, owner, 4)).toReversed() as [
      string,
      string,
      string,
      string,
    ]
    const page = granted(await host.gallery(owner, { limit: 2 }))
    expect(idsIn(page.images)).toEqual([first, second])
    await placeEntries(host, owner, 1)
    await placeTombstone(host, owner, first)
    await world.erase([entryOf(owner, second)])
    expect(idsIn(granted(await host.gallery(owner, { cursor: page.nextCursor, limit: 2 })).images)).toEqual([
      third,
      fourth,
    ])
  })

  test('rule 12: omits deleted images and still fills each page', async () => {
    const owner = createOwner()
    const ids = await placeEntries(host, owner, 40)
    const deleted = ids.filter((_, at) => at % 2 === 1)
    await Promise.all(deleted.map((imageId) => placeTombstone(host, owner, imageId)))
    const remaining = ids.filter((imageId) => !deleted.includes(imageId)).toReversed()
    for (const limit of [1, 3, 10, 20]) {
      const pages = await readPages(owner, limit)
      expect(idsIn(pages.flat())).toEqual(remaining)
      for (const page of pages.slice(0, -1)) expect(page).toHaveLength(limit)
    }
  })

  test('rule 12: continues after more deleted images than one listing returns', async () => {
    const owner = createOwner()
    const ids = await placeEntries(host, owner, 60)
    const [oldest, ...deleted] = ids as [string, ...string[]]
    await Promise.all(deleted.map((imageId) => placeTombstone(host, owner, imageId)))
    const pages = await readPages(owner, 1)
    expect(idsIn(pages.flat())).toEqual([oldest])
  })

  test('rule 12: lists only the newest revision of each image on every page', async () => {
    const owner = createOwner()
    const ids = await placeEntries(host, owner, 5)
    for (const [at, imageId] of ids.entries()) await placeRevisions(owner, imageId, at * 20)
    for (const limit of [1, 2, 5]) {
      const images = (await readPages(owner, limit)).flat()
      expect(images.map(({ imageId, alt }) => [imageId, alt])).toEqual(
        ids.map((imageId, at) => [imageId, at === 0 ? '' : `text ${at * 20 - 1}`]).toReversed(),
      )
    }
  })

  test('costs two requests for any number of images', async () => {
    for (const count of [0, 1, 30]) {
      const owner = createOwner()
      const [current] = await placeEntries(host, owner, count)
      if (current) granted(await host.setCurrent(owner, current))
      for (const limit of [1, 24, 100]) {
        const [before, wire] = [other.sent.length, other.wire.requests]
        granted(await other.gallery(owner, { limit }))
        expect(other.sent.slice(before).map(({ command }) => command)).toEqual(['ListObjectsV2', 'ListObjectsV2'])
        expect(other.wire.requests - wire).toBe(2)
      }
    }
  })

  test('costs two requests after 150 deletions within two days', async () => {
    const owner = createOwner()
    const { imageId } = await save(host, owner)
    const now = world.storeNow()
    await Promise.all(
      Array.from({ length: 150 }, (_, at) => placeTombstone(host, owner, imageIdAt(host, owner, now - at))),
    )
    const before = other.sent.length
    const { images } = granted(await other.gallery(owner))
    expect(images.map((image) => [image.imageId, image.current])).toEqual([[imageId, true]])
    expect(other.sent.slice(before)).toHaveLength(2)
  })

  test('S10: never lists another person’s image', async () => {
    const [one, two] = [createOwner(), createOwner()]
    await placeEntries(host, one, 5)
    const ids = await placeEntries(host, two, 3)
    expect(idsIn(granted(await host.gallery(two)).images)).toEqual(ids.toReversed())
    // Not with another person's cursor either.
    const { nextCursor } = granted(await host.gallery(one, { limit: 2 }))
    const foreign = granted(await host.gallery(two, { cursor: nextCursor }))
    for (const { imageId } of foreign.images) expect(ids).toContain(imageId)
    // Nor an entry below this person's prefix whose id was issued to another person.
    await world.place(entryOf(one, ids[0] as string))
    expect(idsIn(granted(await host.gallery(one)).images)).not.toContain(ids[0])
  })

  test.each(['', 'garbage', '../../', 'A'.repeat(500), `a${'0'.repeat(26)}`])(
    'refuses the cursor "%s"',
    async (cursor) => {
      const refused = await host.gallery(createOwner(), { cursor })
      expect(refused).toMatchObject({ ok: false, code: 'invalid_request', fields: [{ path: 'cursor' }] })
    },
  )

  test('throws instead of returning an empty page when the store fails', async () => {
    const lost = await world.startHost({ variables: { S3_BUCKET: 'no-such-bucket' } })
    await expect(lost.gallery(createOwner())).rejects.toThrow()
    await expect(lost.gallery(createOwner(), { cursor: imageIdAt(host, createOwner(), 5) })).rejects.toThrow()
  })
})

describe('rule 6: names that this build does not know', () => {
  const unknownEntries = (owner: Owner, imageId: string) => [
    `${keys.entriesOfImage(owner.uid, imageId)}0.of.a.newer.version`,
    `${entryOf(owner, imageId)}.more`,
  ]

  test('are ignored among entries and never erased', async () => {
    const owner = createOwner()
    const ids = await placeEntries(host, owner, 3, world.storeNow() - 50 * 60 * 60 * 1000)
    const unknown = [
      `${keys.entriesOfCollection(owner.uid, host.avatars)}-readme.txt`,
      ...unknownEntries(owner, ids[1] as string),
      ...unknownEntries(owner, imageIdAt(host, owner, world.storeNow() - 49 * 60 * 60 * 1000)),
    ]
    for (const key of unknown) await world.place(key)
    await host.visitGallery(owner)
    for (const limit of [1, 24]) expect(idsIn((await readPages(owner, limit)).flat())).toEqual(ids.toReversed())
    expect(await world.keys(keys.entries(owner.uid))).toEqual(expect.arrayContaining(unknown))
    granted(await host.describeImage(owner, ids[1] as string, 'me'))
    expect(await world.keys(keys.entries(owner.uid))).toEqual(expect.arrayContaining(unknown))
  })

  test('are ignored in the trail and never erased, wherever they sort', async () => {
    const owner = createOwner()
    const { imageId } = await save(host, owner)
    const trail = keys.trail(owner.uid, host.avatars)
    const unknown = [
      `${trail}!aaa.${imageId}`,
      `${trail}!zzz`,
      `${trail}0`,
      `${trail}${'0'.repeat(20)}.${imageId}.a.b`,
      `${trail}zz`,
    ]
    for (const key of unknown) await world.place(key)
    await host.visitGallery(owner)
    expect((await other.current(owner)).image?.imageId).toBe(imageId)
    granted(await host.setCurrent(owner, null))
    expect((await other.current(owner)).image).toBeNull()
    expect(await world.keys(trail)).toEqual(expect.arrayContaining(unknown))
  })

  test('do not end the gallery, even if they fill a page', async () => {
    const owner = createOwner()
    const [oldest] = await placeEntries(host, owner, 1)
    const newer = imageIdAt(host, owner, world.storeNow() - 1000)
    for (let at = 0; at < 60; at += 1) await world.place(`${keys.entriesOfImage(owner.uid, newer)}${at}`)
    expect(idsIn((await readPages(owner, 1)).flat())).toEqual([oldest])
  })

  test('are ignored in an entry’s flags and kept by a description', async () => {
    const owner = createOwner()
    const imageId = imageIdAt(host, owner, world.storeNow() - 1000)
    const name = { imageId, revision: firstRevision, cropId: 'c'.repeat(32), format: 'jpg', flags: 'oz', alt: '' }
    await placeEntry(owner, imageId, entryKey(owner.uid, name))
    granted(await host.describeImage(owner, imageId, 'me'))
    const [key] = await world.keys(keys.entriesOfImage(owner.uid, imageId))
    expect(parseEntryKey(key ?? '')).toMatchObject({ flags: 'oz', alt: 'me' })
    expect(granted(await other.gallery(owner)).images).toMatchObject([{ imageId, alt: 'me', original: null }])
  })
})

test('marks only the current image as current, on any page', async () => {
  const owner = createOwner()
  const { imageId: older } = await save(host, owner, 1)
  const { imageId: newer } = await save(host, owner, 2)
  for (const current of [newer, older, null]) {
    granted(await host.setCurrent(owner, current))
    const images = (await readPages(owner, 1)).flat()
    expect(images.map((image) => [image.imageId, image.current])).toEqual([
      [newer, current === newer],
      [older, current === older],
    ])
  }
})

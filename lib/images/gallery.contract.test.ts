import { PutObjectCommand } from '@aws-sdk/client-s3'
import { describe, expect, test } from 'vitest'
import { entryKey, keys } from './keys'
import type { Owner } from './owner'
import type { SavedImage } from './schema'
import { host, other, world } from './shared-world.test-support'
import { Killed } from './watched-client.test-support'
import { createOwner, draft, granted, hourMs, save } from './world.test-support'

/** Of a save: mark, vote, five copies, recipe and trail. */
const writesBeforeEntry = 9

/** All pages, as a person leafs through them. */
async function leaf(owner: Owner, limit: number): Promise<SavedImage[][]> {
  const pages: SavedImage[][] = []
  let cursor: string | null = null
  do {
    const page: { images: SavedImage[]; nextCursor: string | null } = granted(
      await other.gallery(owner, { cursor, limit }),
    )
    pages.push(page.images)
    cursor = page.nextCursor
  } while (cursor)
  return pages
}

const put = (key: string) =>
  world.s3.send(new PutObjectCommand({ Bucket: world.bucketName, Key: key, Body: '', ContentLength: 0 }))

/** Entries as saves leave them, without the pictures. Newest last. */
async function putEntries(owner: Owner, count: number): Promise<string[]> {
  const { createImageId } = await import('./image-id')
  const ids = Array.from({ length: count }, (_, at) => createImageId(owner.uid, host.avatars, 1_800_000_000_000 + at))
  for (const imageId of ids) {
    await put(
      entryKey(owner.uid, { imageId, cropId: 'c'.repeat(32), format: 'jpg', flags: '', savedAt: null, alt: '' }),
    )
  }
  return ids
}

describe('a gallery', () => {
  test('of nothing is one empty page', async () => {
    expect(granted(await host.gallery(createOwner()))).toEqual({ images: [], nextCursor: null })
  })

  test('shows the newest first, on pages that the store itself continues, each picture once', async () => {
    const owner = createOwner()
    const ids = await putEntries(owner, 11)
    for (const limit of [1, 4, 11, 100]) {
      const pages = await leaf(owner, limit)
      expect(pages.flat().map(({ imageId }) => imageId)).toEqual(ids.toReversed())
      expect(pages).toHaveLength(Math.ceil(11 / limit))
    }
  })

  test('rule 8: costs two requests, whatever the number of pictures on it or in the store', async () => {
    for (const count of [0, 1, 30]) {
      const owner = createOwner()
      const [current] = await putEntries(owner, count)
      if (current) granted(await host.setCurrent(owner, current))
      for (const limit of [1, 24, 100]) {
        const [before, wire] = [other.sent.length, other.wire.requests]
        granted(await other.gallery(owner, { limit }))
        expect(other.sent.slice(before).map(({ command }) => command)).toEqual(['ListObjectsV2', 'ListObjectsV2'])
        expect(other.wire.requests - wire).toBe(2)
      }
    }
  })

  test('rule 8: costs two requests while a save waits that was killed right before its entry', async () => {
    const owner = createOwner()
    const { imageId, cropId } = await draft(host, owner)
    const doomed = await world.startHost()
    doomed.killAfterWrites(writesBeforeEntry)
    await expect(doomed.saveImage(owner, { imageId, cropId })).rejects.toThrow(Killed)
    const before = other.sent.length
    expect(granted(await other.gallery(owner)).images).toEqual([])
    expect(other.sent.slice(before).map(({ command }) => command)).toEqual(['ListObjectsV2', 'ListObjectsV2'])
  })

  test('S10: never shows what is of somebody else', async () => {
    const [one, two] = [createOwner(), createOwner()]
    await putEntries(one, 5)
    const ids = await putEntries(two, 3)
    const page = granted(await host.gallery(two))
    expect(page.images.map(({ imageId }) => imageId)).toEqual(ids.toReversed())
    // A cursor of somebody else leads nowhere else.
    const { nextCursor } = granted(await host.gallery(one, { limit: 2 }))
    const foreign = await host.gallery(two, { cursor: nextCursor })
    if (foreign.ok) for (const { imageId } of foreign.value.images) expect(ids).toContain(imageId)
  })

  test.each(['', 'garbage', '../../', 'A'.repeat(500)])('refuses the cursor "%s"', async (cursor) => {
    const refused = await host.gallery(createOwner(), { cursor })
    expect(refused).toMatchObject({ ok: false, code: 'invalid_request', fields: [{ path: 'cursor' }] })
  })

  test('that cannot be read is an outage, and not empty', async () => {
    const cut = await world.startHost()
    cut.killAfterWrites(0)
    await expect(cut.describeImage(createOwner(), 'x', 'y')).resolves.toMatchObject({ ok: false })
    const lost = await world.startHost({ variables: { S3_BUCKET: 'no-such-bucket' } })
    await expect(lost.gallery(createOwner())).rejects.toThrow()
    await expect(lost.gallery(createOwner(), { cursor: 'x' })).rejects.toThrow()
  })

  test('that has a key in it which this app never wrote says so', async () => {
    const owner = createOwner()
    await put(`${keys.entriesOf(owner.uid, host.avatars)}-readme.txt`)
    await expect(host.gallery(owner)).rejects.toThrow('not an entry')
  })
})

describe('which picture is current', () => {
  test('is told on its own page, and on no other, while a save that was killed at its end waits for its sweep', async () => {
    const owner = createOwner()
    const { imageId: older } = await save(host, owner, 1)
    const { imageId, cropId } = await draft(host, owner, 2)
    const doomed = await world.startHost()
    doomed.killAfterWrites(writesBeforeEntry + 1)
    await expect(doomed.saveImage(owner, { imageId, cropId })).rejects.toThrow(Killed)
    const pages = await leaf(owner, 1)
    expect(pages.flat().map((image) => [image.imageId, image.current])).toEqual([
      [imageId, true],
      [older, false],
    ])
  })

  test('is told right when an older upload was saved after a newer one, and killed at its end', async () => {
    const owner = createOwner()
    const { imageId: old, cropId } = await draft(host, owner, 1)
    const { imageId: recent } = await save(host, owner, 2)
    const doomed = await world.startHost()
    doomed.killAfterWrites(writesBeforeEntry + 1)
    await expect(doomed.saveImage(owner, { imageId: old, cropId })).rejects.toThrow(Killed)
    expect((await other.current(owner)).picture?.imageId).toBe(old)
    const pages = await leaf(owner, 1)
    expect(pages.flat().map((image) => [image.imageId, image.current])).toEqual([
      [recent, false],
      [old, true],
    ])
  })
})

describe('rule 6: the sweep', () => {
  const leftOf = async (owner: Owner, imageId: string) =>
    (await Promise.all([world.keys(`users/${owner.uid}/`), world.keys(`media/${owner.uid}/`)]))
      .flat()
      .filter((key) => key.includes(imageId))

  test('has nothing to do usually: not one request', async () => {
    const owner = createOwner()
    await save(host, owner)
    const before = host.sent.length
    await host.sweep(owner)
    // The trail that was read for it.
    expect(host.sent.length - before).toBe(1)
  })

  test('clears what a killed save left after 48 hours of store time, and not before', async () => {
    for (const writes of [1, 4, writesBeforeEntry - 1, writesBeforeEntry]) {
      const owner = createOwner()
      const kept = await save(host, owner, 1)
      const { imageId, cropId } = await draft(host, owner, 2)
      const doomed = await world.startHost()
      doomed.killAfterWrites(writes)
      await expect(doomed.saveImage(owner, { imageId, cropId })).rejects.toThrow(Killed)
      const left = await leftOf(owner, imageId)
      expect(left.length).toBeGreaterThan(0)
      await world.advance(48 * hourMs - 60_000)
      await host.sweep(owner)
      expect(await leftOf(owner, imageId)).toEqual(left)
      await world.advance(120_000)
      await host.sweep(owner)
      expect(await leftOf(owner, imageId)).toEqual([])
      const { images } = granted(await other.gallery(owner))
      expect(images.map((image) => [image.imageId, image.current])).toEqual([[kept.imageId, true]])
    }
  })

  test('settles a save that committed and was killed before it could take its mark back, and clears nothing', async () => {
    const owner = createOwner()
    const { imageId, cropId } = await draft(host, owner)
    const doomed = await world.startHost()
    doomed.killAfterWrites(writesBeforeEntry + 1)
    await expect(doomed.saveImage(owner, { imageId, cropId })).rejects.toThrow(Killed)
    const left = await leftOf(owner, imageId)
    await world.advance(49 * hourMs)
    await other.sweep(owner)
    expect(await leftOf(owner, imageId)).toEqual(left.filter((key) => !key.includes('!save')))
    expect((await host.current(owner)).picture?.imageId).toBe(imageId)
  })

  test('finishes a killed deletion', async () => {
    for (const writes of [2, 3, 4]) {
      const owner = createOwner()
      const { imageId } = await save(host, owner)
      const doomed = await world.startHost()
      doomed.killAfterWrites(writes)
      await expect(doomed.deleteImage(owner, imageId)).rejects.toThrow(Killed)
      await host.sweep(owner)
      expect((await world.keys(keys.trail(owner.uid, host.avatars))).some((key) => key.includes('!delete'))).toBe(true)
      await world.advance(49 * hourMs)
      await host.sweep(owner)
      expect((await leftOf(owner, imageId)).filter((key) => !/\/trail\/a\/[0-9a-v]/.test(key))).toEqual([])
      expect(granted(await other.gallery(owner)).images).toEqual([])
      expect((await other.current(owner)).picture).toBeNull()
    }
  })

  test('killed after any of its writes is finished by the next', async () => {
    for (let writes = 0; writes < 10; writes += 1) {
      const owner = createOwner()
      const { imageId, cropId } = await draft(host, owner)
      const first = await world.startHost()
      first.killAfterWrites(writesBeforeEntry)
      await expect(first.saveImage(owner, { imageId, cropId })).rejects.toThrow(Killed)
      await world.advance(49 * hourMs)
      const doomed = await world.startHost()
      doomed.killAfterWrites(writes)
      await doomed.sweep(owner).catch((error: unknown) => expect(error).toBeInstanceOf(Killed))
      await other.sweep(owner)
      expect(await leftOf(owner, imageId)).toEqual([])
      if (!doomed.isDead()) return
    }
    throw new Error('never ran through')
  })
})

import { describe, expect, test } from 'vitest'
import type { Result } from '@/lib/result'
import { type Intercept, openStoreProxy } from '@/tools/testing/store-proxy'
import type { Owner } from './storage/image-ref'
import { keys } from './storage/keys'
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
} from './test-support/placed'
import { host, other, world } from './test-support/shared-world'
import { Killed } from './test-support/watched-client'
import {
  createOwner,
  cropOf,
  draft,
  granted,
  type Host,
  hourMs,
  idsOf,
  imageIdOfSave,
  originalOf,
  remove,
  save,
} from './test-support/world'

const notFound = { ok: false, code: 'not_found' }
const currentOf = async (owner: Owner) => (await other.current(owner)).image?.imageId ?? null
const shownOf = async (owner: Owner) => granted(await other.gallery(owner)).images.map(({ imageId }) => imageId)
const keptOfImage = async (owner: Owner, imageId: string) =>
  (await keptOf(owner)).filter((key) => key.includes(imageId) && !isHistory(key))

describe('rule 5: a deletion', () => {
  test('clears the current image only if it deletes that image', async () => {
    const owner = createOwner()
    const { imageId: one } = await save(host, owner, 1)
    const { imageId: two } = await save(host, owner, 2)
    const { imageId: three } = await save(host, owner, 3)
    await remove(host, owner, one)
    expect(await currentOf(owner)).toBe(three)
    await remove(other, owner, three)
    expect(await currentOf(owner)).toBeNull()
    const { images } = granted(await host.gallery(owner))
    expect(images.map(({ imageId, current }) => [imageId, current])).toEqual([[two, false]])
  })

  test('writes the tombstone, erases variants, answers, erases original and entry', async () => {
    const owner = createOwner()
    const { imageId } = await save(host, owner)
    const before = host.written().length
    const deleted = granted(await host.deleteImage(owner, imageId))
    const answered = host.written().length
    await host.finishDeletions(deleted)
    const steps = host
      .written()
      .slice(before)
      .map(({ command, keys: of }) => [command, ...of])
    const [original, ...variants] = filesOfImage(host, owner, imageId).toReversed()
    expect(steps).toEqual([
      ['PutObject', keys.tombstone(owner.uid, host.avatars, imageId)],
      ['DeleteObjects', ...variants.toReversed()],
      ['DeleteObject', original],
      ['DeleteObject', expect.stringContaining(`/entries/${imageId}.`)],
    ])
    expect(answered - before).toBe(2)
  })

  test('hides the image as soon as the tombstone exists', async () => {
    const owner = createOwner()
    const { imageId } = await save(host, owner)
    const watched = await world.startHost()
    let isHidden = false
    watched.hooks.after = async ({ command }) => {
      if (command !== 'PutObject') return
      expect(await shownOf(owner)).toEqual([])
      expect(await currentOf(owner)).toBeNull()
      expect((await keptOfImage(owner, imageId)).length).toBe(7)
      isHidden = true
    }
    await remove(watched, owner, imageId)
    expect(isHidden).toBe(true)
  })

  test('breaks the variants’ URLs before its answer and the original’s after it', async () => {
    const owner = createOwner()
    const saved = await save(host, owner)
    const deleted = granted(await host.deleteImage(owner, saved.imageId))
    for (const { url } of saved.variants) expect((await fetch(url)).status).toBe(404)
    await host.finishDeletions(deleted)
    expect((await fetch(originalOf(saved))).status).toBe(404)
    expect(await keptBesidesHistory(owner)).toEqual([keys.tombstone(owner.uid, host.avatars, saved.imageId)])
  })

  test('is idempotent, also for concurrent requests', async () => {
    const owner = createOwner()
    const { imageId } = await save(host, owner)
    const answers = await Promise.all([host, other, host, other].map((one) => one.deleteImage(owner, imageId)))
    for (const answer of answers) await host.finishDeletions(granted(answer))
    expect(await host.deleteImage(owner, imageId)).toEqual({ ok: true, value: [] })
    expect(await keptBesidesHistory(owner)).toEqual([keys.tombstone(owner.uid, host.avatars, imageId)])
  })

  test('erases late writes when repeated', async () => {
    const owner = createOwner()
    const { imageId } = await save(host, owner)
    const sent = await keptOfImage(owner, imageId)
    await remove(host, owner, imageId)
    for (const key of sent) await world.place(key, 'late')
    await remove(other, owner, imageId)
    expect(await keptBesidesHistory(owner)).toEqual([keys.tombstone(owner.uid, host.avatars, imageId)])
  })

  test('answers not_found and writes nothing for an unsaved or half saved image', async () => {
    const owner = createOwner()
    const crop = await draft(host, owner)
    const imageId = imageIdOfSave(owner, crop)
    expect(await host.deleteImage(owner, imageId)).toEqual(notFound)
    const doomed = await world.startHost()
    doomed.killAfterWrites(5)
    await expect(doomed.saveImage(owner, idsOf(crop))).rejects.toThrow(Killed)
    const before = host.written().length
    expect(await host.deleteImage(owner, imageId)).toEqual(notFound)
    expect(host.written()).toHaveLength(before)
    // A retry completes the save.
    expect(granted(await other.saveImage(owner, idsOf(crop))).imageId).toBe(imageId)
  })

  test('does not clear an image that a concurrent save makes current', async () => {
    const owner = createOwner()
    const { imageId } = await save(host, owner, 1)
    const { seen } = await host.current(owner)
    const next = await draft(host, owner, 2)
    const watched = await world.startHost()
    watched.hooks.before = async ({ command }) => {
      if (command !== 'PutObject') return
      expect(granted(await other.saveImage(owner, { ...idsOf(next), seen })).current).toBe(true)
    }
    await remove(watched, owner, imageId)
    expect(await currentOf(owner)).toBe(imageIdOfSave(owner, next))
  })
})

describe('rule 5: saving again after a deletion', () => {
  test('answers deleted for the same crop for 48 hours, and writes nothing', async () => {
    const owner = createOwner()
    const crop = await draft(host, owner)
    const { imageId } = granted(await host.saveImage(owner, idsOf(crop)))
    await remove(host, owner, imageId)
    for (const hours of [0, 10, 37.9]) {
      await world.advance(hours * hourMs)
      const before = other.written().length
      expect(await other.saveImage(owner, idsOf(crop))).toEqual({ ok: false, code: 'deleted' })
      expect(other.written()).toHaveLength(before)
    }
    await world.advance(hourMs)
    await host.visitGallery(owner)
    for (const hours of [0, 50, 1000]) {
      await world.advance(hours * hourMs)
      expect(await other.saveImage(owner, idsOf(crop))).toEqual({ ok: false, code: 'draft_gone' })
    }
    expect(await keptBesidesHistory(owner)).toEqual([])
  })

  test('creates another image for another crop or another upload', async () => {
    const owner = createOwner()
    const crop = await draft(host, owner)
    const { imageId } = granted(await host.saveImage(owner, idsOf(crop)))
    await remove(host, owner, imageId)
    const different = granted(await other.cropUpload(owner, cropOf(crop.uploadId, 9)))
    const again = await draft(other, owner)
    expect(again.cropId).toBe(crop.cropId)
    for (const next of [different, again]) {
      expect(granted(await other.saveImage(owner, idsOf(next)))).toMatchObject({ current: true })
    }
    expect((await shownOf(owner)).toSorted()).toEqual(
      [different, again].map((next) => imageIdOfSave(owner, next)).toSorted(),
    )
  })

  test('creates another image for the other keep-original choice', async () => {
    const owner = createOwner()
    const crop = await draft(host, owner)
    const { imageId } = granted(await host.saveImage(owner, idsOf(crop)))
    await remove(host, owner, imageId)
    const notKept = granted(await host.saveImage(owner, { ...idsOf(crop), keepOriginal: false }))
    expect(await shownOf(owner)).toEqual([notKept.imageId])
  })
})

describe('rule 6: a tombstone hides an image', () => {
  const steps: [string, (on: Host, owner: Owner, imageId: string) => Promise<void>][] = [
    ['from the gallery', async (on, owner) => expect(granted(await on.gallery(owner)).images).toEqual([])],
    ['from the current image', async (on, owner) => expect((await on.current(owner)).image).toBeNull()],
    ['from the history', async (on, owner) => expect((await on.history(owner)).current).toBeNull()],
    ['from reads', async (on, owner, imageId) => expect(await on.readImage(owner, imageId)).toEqual(notFound)],
    ['from a choice', async (on, owner, imageId) => expect(await on.setCurrent(owner, imageId)).toEqual(notFound)],
    [
      'from a description',
      async (on, owner, imageId) => expect(await on.describeImage(owner, imageId, 'x')).toEqual(notFound),
    ],
    ['from "crop again"', async (on, owner, imageId) => expect(await on.recropImage(owner, imageId)).toEqual(notFound)],
  ]

  test.each(steps)('%s while its entry, files and trail item exist', async (_name, step) => {
    const owner = createOwner()
    const { imageId } = await save(host, owner)
    await placeTombstone(host, owner, imageId)
    const before = await keptOf(owner)
    for (const on of [host, other]) await step(on, owner, imageId)
    expect(await keptOf(owner)).toEqual(before)
  })

  test('from a repeated save while its entry exists', async () => {
    const owner = createOwner()
    const crop = await draft(host, owner)
    const { imageId } = granted(await host.saveImage(owner, idsOf(crop)))
    await placeTombstone(host, owner, imageId)
    expect(await other.saveImage(owner, idsOf(crop))).toEqual({ ok: false, code: 'deleted' })
  })

  test('even if the trail has 1,050 tombstones, more than one listing returns', async () => {
    const owner = createOwner()
    const now = world.storeNow()
    const { imageId: kept } = await save(host, owner)
    const ids = Array.from({ length: 1050 }, (_, at) => imageIdAt(host, owner, now - hourMs - at))
    for (let start = 0; start < ids.length; start += 50) {
      await Promise.all(ids.slice(start, start + 50).map((imageId) => placeTombstone(host, owner, imageId)))
    }
    const [newest, oldest] = [ids[0] as string, ids.at(-1) as string]
    for (const imageId of [newest, oldest]) await placeEntry(owner, imageId)
    expect(await shownOf(owner)).toEqual([kept])
    expect(await currentOf(owner)).toBe(kept)
    for (const imageId of [newest, oldest]) expect(await other.readImage(owner, imageId)).toEqual(notFound)
  })
})

describe('a bulk deletion', () => {
  /** Writes images with their files. */
  async function placeImages(owner: Owner, count: number): Promise<string[]> {
    const imageIds = await placeEntries(host, owner, count)
    await Promise.all(imageIds.map((imageId) => placeFiles(host, owner, imageId)))
    return imageIds
  }

  const internal = (imageIds: string[]) => imageIds.map((imageId) => ({ imageId, code: 'internal' }))

  test('deletes all images, and reports deleted, unknown and other people’s ids', async () => {
    const owner = createOwner()
    const [before, ...some] = (await placeImages(owner, 5)) as [string, ...string[]]
    const kept = some.pop() as string
    await remove(host, owner, before)
    const never = imageIdAt(host, owner, world.storeNow())
    const [foreign] = (await placeImages(createOwner(), 1)) as [string]
    const imageIds = [...some, before, never, foreign, some[0] as string]
    const { deleted, failed, toErase } = await other.deleteImages(owner, imageIds)
    expect(deleted).toEqual([...some, before])
    expect(failed).toEqual([never, foreign].map((imageId) => ({ imageId, code: 'not_found' })))
    expect(await shownOf(owner)).toEqual([kept])
    await other.finishDeletions(toErase)
    const remaining = await keptBesidesHistory(owner)
    expect(remaining.filter((key) => !key.includes('!deleted.') && !key.includes(kept))).toEqual([])
    expect(remaining.filter((key) => key.includes('!deleted.'))).toHaveLength(4)
  })

  test('keeps all other images and their revisions', async () => {
    const owner = createOwner()
    const ids = await placeImages(owner, 7)
    for (const imageId of ids) granted(await host.describeImage(owner, imageId, `text of ${imageId}`))
    const some = ids.filter((_, at) => at % 2 === 1)
    const { deleted, toErase } = await host.deleteImages(owner, some)
    await host.finishDeletions(toErase)
    expect(deleted).toEqual(some)
    expect(await shownOf(owner)).toEqual(ids.filter((imageId) => !some.includes(imageId)).toReversed())
    for (const imageId of some) expect(await keptOfImage(owner, imageId)).toHaveLength(1)
    for (const imageId of ids.filter((id) => !some.includes(id)))
      expect(await keptOfImage(owner, imageId)).toHaveLength(6)
  })

  test('finds images at both ends of many pages of entries', async () => {
    const owner = createOwner()
    const ids = await placeEntries(host, owner, 1020)
    const ends = [ids[0] as string, ids.at(-1) as string]
    const { deleted } = await host.deleteImages(owner, ends)
    expect(deleted).toEqual(ends)
    for (const imageId of ends) expect(await other.readImage(owner, imageId)).toEqual(notFound)
  })

  test('reports images whose tombstone the store refused, and still shows them', async () => {
    const owner = createOwner()
    const ids = await placeImages(owner, 12)
    const unlucky = ids.filter((_, at) => at % 3 === 0)
    const watched = await world.startHost({ isSilent: true })
    watched.hooks.before = async ({ command, keys: [key = ''] }) => {
      if (command === 'PutObject' && unlucky.some((imageId) => key.endsWith(imageId)))
        throw new Error('the store fails')
    }
    const { deleted, failed, toErase } = await watched.deleteImages(owner, ids)
    expect(deleted).toEqual(ids.filter((imageId) => !unlucky.includes(imageId)))
    expect(failed).toEqual(internal(unlucky))
    expect(await shownOf(owner)).toEqual(unlucky.toReversed())
    await watched.finishDeletions(toErase)
    for (const imageId of unlucky) expect(await keptOfImage(owner, imageId)).toHaveLength(6)
    for (const imageId of deleted) expect(await keptOfImage(owner, imageId)).toHaveLength(1)
    // A retry deletes them.
    expect((await other.deleteImages(owner, ids)).deleted).toEqual(ids)
    expect(await shownOf(owner)).toEqual([])
  })

  /** Runs work on a host behind a proxy that changes the store's answers. */
  async function behind(bend: Intercept, work: (on: Host) => Promise<void>): Promise<void> {
    const proxy = await openStoreProxy(world.endpoint, bend)
    const variables = { AWS_ENDPOINT_URL_S3: proxy.endpoint, S3_PUBLIC_ENDPOINT: world.endpoint }
    try {
      await work(await world.startHost({ variables, isSilent: true }))
    } finally {
      await proxy.close()
    }
  }

  test('reports images with an object that the store refused to delete', async () => {
    const owner = createOwner()
    const ids = await placeImages(owner, 10)
    const unlucky = ids.filter((_, at) => at % 4 === 1)
    const isRefused = (key: string) => unlucky.some((imageId) => key.includes(`${imageId}/64.webp`))
    const bend: Intercept = async ({ method, url, body }, pass) => {
      if (method !== 'POST' || !url.includes('delete')) return pass()
      // The answer of a store without permission for some objects: 200, with an error for each of them.
      const requested = [...body.toString().matchAll(/<Key>(.*?)<\/Key>/g)].map(([, key]) => key ?? '')
      await world.erase(requested.filter((key) => !isRefused(key)))
      const errors = requested
        .filter(isRefused)
        .map((key) => `<Error><Key>${key}</Key><Code>AccessDenied</Code><Message>Access Denied</Message></Error>`)
      const xml = `<?xml version="1.0" encoding="UTF-8"?><DeleteResult>${errors.join('')}</DeleteResult>`
      return { status: 200, headers: { 'content-type': 'application/xml' }, body: Buffer.from(xml) }
    }
    await behind(bend, async (on) => {
      const { deleted, failed, toErase } = await on.deleteImages(owner, ids)
      expect(failed).toEqual(internal(unlucky))
      expect(deleted).toEqual(ids.filter((imageId) => !unlucky.includes(imageId)))
      await host.finishDeletions(toErase)
    })
    for (const imageId of ids) {
      const left = (await keptOfImage(owner, imageId)).filter((key) => key.startsWith('media/'))
      expect(left).toEqual(unlucky.includes(imageId) ? [keys.variant(owner.uid, imageId, '64')] : [])
    }
    // Their tombstones exist: the images are hidden, and cleanup after the next gallery response erases them.
    expect(await shownOf(owner)).toEqual([])
    await host.visitGallery(owner)
    expect((await keptBesidesHistory(owner)).filter((key) => !key.includes('!deleted.'))).toEqual([])
  })

  test('reports all saved images when the store fails to delete objects', async () => {
    const owner = createOwner()
    const ids = await placeImages(owner, 3)
    const never = imageIdAt(host, owner, world.storeNow())
    const failing = await world.startHost({ isSilent: true })
    failing.hooks.before = async ({ command }) => {
      if (command === 'DeleteObjects') throw new Error('the store fails')
    }
    const { deleted, failed, toErase } = await failing.deleteImages(owner, [...ids, never])
    expect(deleted).toEqual([])
    expect(failed).toEqual([...internal(ids), { imageId: never, code: 'not_found' }])
    expect(toErase).toEqual([])
  })

  test('throws and deletes nothing when the store cannot be read', async () => {
    const owner = createOwner()
    const ids = await placeImages(owner, 3)
    for (const failing of ['/entries/', '/trail/']) {
      const watched = await world.startHost()
      watched.hooks.before = async ({ command, keys: [key = ''] }) => {
        if (command === 'ListObjectsV2' && key.includes(failing)) throw new Error('the store fails')
      }
      await expect(watched.deleteImages(owner, ids)).rejects.toThrow('the store fails')
    }
    expect(await shownOf(owner)).toEqual(ids.toReversed())
  })

  test('keeps the others when killed after any write, and completes on retry', async () => {
    for (let writes = 0; writes <= 8; writes += 1) {
      const owner = createOwner()
      const [kept, ...ids] = (await placeImages(owner, 5)) as [string, ...string[]]
      const doomed = await world.startHost({ isSilent: true })
      doomed.killAfterWrites(writes)
      const run = async (): Promise<Result<string[]>> => {
        const { deleted, toErase } = await doomed.deleteImages(owner, ids)
        await doomed.finishDeletions(toErase)
        return { ok: true, value: deleted }
      }
      const ending = await run().catch((error: unknown) => error)
      const shown = await shownOf(owner)
      expect(shown).toContain(kept)
      expect(shown.length).toBe(1 + Math.max(0, 4 - writes))
      // A host that dies while it writes a tombstone reports nothing.
      if (!doomed.isDead()) expect(ending).toEqual({ ok: true, value: ids })
      const { deleted, toErase } = await other.deleteImages(owner, ids)
      await other.finishDeletions(toErase)
      expect(deleted).toEqual(ids)
      expect(await shownOf(owner)).toEqual([kept])
      await host.visitGallery(owner)
      const left = (await keptBesidesHistory(owner)).filter((key) => !key.includes(kept))
      expect(left.toSorted()).toEqual(ids.map((imageId) => keys.tombstone(owner.uid, host.avatars, imageId)).toSorted())
    }
  })
})

test('a late entry does not restore a deleted image', async () => {
  const owner = createOwner()
  const { imageId } = await save(host, owner)
  await remove(host, owner, imageId)
  await world.place(entryOf(owner, imageId))
  expect(await shownOf(owner)).toEqual([])
})

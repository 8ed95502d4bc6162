import { describe, expect, test } from 'vitest'
import { issuedAt } from './storage/ids'
import type { Owner } from './storage/image-ref'
import { host, other, world } from './test-support/shared-world'
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
  save,
  upload,
} from './test-support/world'

/** Creates two crops of one upload. */
async function twoCrops(owner: Owner) {
  const uploadId = await upload(host, owner, await createPicture(1))
  const one = granted(await host.cropUpload(owner, cropOf(uploadId, 0)))
  const two = granted(await host.cropUpload(owner, cropOf(uploadId, 20)))
  return { uploadId, one: idsOf(one), two: idsOf(two) }
}

/** Runs the work on the first call. Every call waits for it. */
function once(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined
  return () => {
    running ??= work()
    return running
  }
}

const currentOf = async (owner: Owner) => (await other.current(owner)).image?.imageId ?? null
const trailOf = (owner: Owner) => world.keys(`users/${owner.uid}/v1/trail/`)

describe('a save', () => {
  test('rule 3: writes copies, entry and trail item in this order, nothing else', async () => {
    const owner = createOwner()
    const crop = await draft(host, owner)
    const imageId = imageIdOfSave(owner, crop)
    const before = host.sent.length
    granted(await host.saveImage(owner, idsOf(crop)))
    const steps = host.sent
      .slice(before)
      .filter(({ command }) => /Put|Copy|Delete/.test(command))
      .map(({ command, keys }) => `${command} ${keys.join().replace(owner.uid, '<uid>')}`)
    expect(steps.slice(0, 5).toSorted()).toEqual([
      ...['128', '256', '512', '64'].map((side) => `CopyObject media/<uid>/${imageId}/${side}.webp`),
      `CopyObject users/<uid>/v1/originals/${imageId}`,
    ])
    expect(steps[5]).toMatch(
      new RegExp(`^PutObject users/<uid>/v1/entries/${imageId}\\.v{10}\\.${crop.cropId}\\.jpg\\.$`),
    )
    expect(steps[6]).toMatch(new RegExp(`^PutObject users/<uid>/v1/trail/a/[0-9a-v]{20}\\.${imageId}$`))
    expect(steps).toHaveLength(7)
  })

  test('rule 3: copies in parallel, then writes the entry, then the trail item', async () => {
    const owner = createOwner()
    const crop = await draft(host, owner)
    const watched = await world.startHost()
    const answered: string[] = []
    const answeredBefore: Record<string, number> = {}
    let copies = 0
    const { promise: allSent, resolve: releaseCopies } = Promise.withResolvers<void>()
    watched.hooks.before = async ({ command, keys: [key = ''] }) => {
      if (command === 'CopyObject') {
        copies += 1
        if (copies === 5) releaseCopies()
        // Holds every copy until all five are sent.
        await allSent
      }
      if (key.includes('/entries/')) answeredBefore.entry = answered.length
      if (/\/trail\/a\/\w/.test(key)) answeredBefore.trailItem = answered.length
    }
    watched.hooks.after = async ({ command, keys: [key = ''] }) => {
      if (command === 'CopyObject' || command === 'PutObject') answered.push(key)
    }
    granted(await watched.saveImage(owner, idsOf(crop)))
    expect(answeredBefore).toEqual({ entry: 5, trailItem: 6 })
    expect(answered[5]).toContain('/entries/')
  })

  test('rule 3: writes the recipe to the body of the entry', async () => {
    const owner = createOwner()
    const { imageId } = await save(host, owner)
    const [Key] = await world.keys(`users/${owner.uid}/v1/entries/${imageId}`)
    const { GetObjectCommand } = await import('@aws-sdk/client-s3')
    const { Body } = await world.s3.send(new GetObjectCommand({ Bucket: world.bucketName, Key }))
    const { area, rotate, flip } = cropOf('')
    expect(JSON.parse((await Body?.transformToString()) ?? '')).toEqual({ recipe: { area, rotate, flip } })
  })

  test('returns the saved files and the unchanged original, and sets the current image', async () => {
    const owner = createOwner()
    const file = await createPicture(4)
    const uploadId = await upload(host, owner, file)
    const crop = granted(await host.cropUpload(owner, cropOf(uploadId)))
    const saved = granted(await other.saveImage(owner, idsOf(crop)))
    const imageId = imageIdOfSave(owner, crop)
    expect(saved).toMatchObject({ ...idsOf(crop), imageId, collection: 'avatars', alt: '', current: true })
    for (const [at, variant] of saved.variants.entries()) {
      expect(variant.url).toContain(`/media/${owner.uid}/${imageId}/`)
      expect((await bytesAt(variant.url)).equals(await bytesAt(crop.variants[at]?.url ?? ''))).toBe(true)
    }
    const original = await fetch(originalOf(saved))
    expect(original.headers.get('content-disposition')).toMatch(/^attachment; filename="avatars-[\w-]+-original\.jpg"$/)
    expect(Buffer.from(await original.arrayBuffer()).equals(file)).toBe(true)
    expect((await other.current(owner)).image).toMatchObject({ imageId })
  })

  test('rules 1 and 3: returns T as savedAt, even 20 hours later', async () => {
    const owner = createOwner()
    const crop = await draft(host, owner)
    await world.advance(20 * hourMs)
    const { savedAt } = granted(await host.saveImage(owner, idsOf(crop)))
    expect(savedAt).toBe(new Date(issuedAt(crop.uploadId)).toISOString())
    expect(world.storeNow() - Date.parse(savedAt)).toBeGreaterThanOrEqual(20 * hourMs)
  })

  test('rule 3: returns the same result and writes nothing when repeated', async () => {
    const owner = createOwner()
    const crop = await draft(host, owner)
    const first = granted(await host.saveImage(owner, { ...idsOf(crop), seen: null }))
    const before = [host.written().length, other.written().length]
    for (const again of [host, other]) {
      expect(granted(await again.saveImage(owner, { ...idsOf(crop), seen: null }))).toEqual(first)
    }
    expect([host.written().length, other.written().length]).toEqual(before)
    await world.advance(100 * hourMs)
    const { imageId, cropId, savedAt } = first
    const late = granted(await other.saveImage(owner, { ...idsOf(crop), seen: null }))
    expect(late).toMatchObject({ imageId, cropId, savedAt, current: true })
    expect(other.written()).toHaveLength(before[1] as number)
  })

  test('rule 3: returns the present current flag and alt text when repeated', async () => {
    const owner = createOwner()
    const crop = await draft(host, owner)
    const { imageId } = granted(await host.saveImage(owner, idsOf(crop)))
    granted(await host.describeImage(owner, imageId, 'me'))
    granted(await host.setCurrent(owner, null))
    // The trail already has an item of the image, so the repeated save adds none.
    const before = await trailOf(owner)
    expect(granted(await other.saveImage(owner, idsOf(crop)))).toMatchObject({ imageId, alt: 'me', current: false })
    expect(await trailOf(owner)).toEqual(before)
  })

  test('writes one entry and one trail item for twenty concurrent requests', async () => {
    const owner = createOwner()
    const crop = await draft(host, owner)
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, at) => (at % 2 ? host : other).saveImage(owner, { ...idsOf(crop), seen: null })),
    )
    const saved = answers.map(granted)
    expect(await world.keys(`users/${owner.uid}/v1/entries/`)).toHaveLength(1)
    expect(await trailOf(owner)).toHaveLength(1)
    expect(saved[0]).toMatchObject({ ...idsOf(crop), imageId: await currentOf(owner), current: true })
    // Signatures of URLs may differ if a signing window ends in between.
    const withoutSignatures = (value: unknown) => JSON.stringify(value).replaceAll(/\?[^"]*/g, '')
    expect(new Set(saved.map(withoutSignatures)).size).toBe(1)
  })

  test('S10: rejects another person’s ids without a request to the store', async () => {
    const crop = await draft(host, createOwner())
    const imageId = imageIdOfSave(createOwner(), crop)
    const before = host.sent.length
    const stranger = createOwner()
    const none = { ok: false, code: 'not_found' }
    expect(await host.saveImage(stranger, idsOf(crop))).toEqual(none)
    expect(await host.deleteImage(stranger, imageId)).toEqual(none)
    expect(await host.describeImage(stranger, imageId, 'mine')).toEqual(none)
    expect(await host.recropImage(stranger, imageId)).toEqual(none)
    expect(await host.readImage(stranger, imageId)).toEqual(none)
    expect(await host.setCurrent(stranger, imageId)).toEqual(none)
    const failed = [{ imageId, code: 'not_found' }]
    expect(await host.deleteImages(stranger, [imageId])).toEqual({ deleted: [], failed, toErase: [] })
    expect(host.sent).toHaveLength(before)
    expect(await world.keys(`users/${stranger.uid}/`)).toEqual([])
  })
})

describe('several images of one upload', () => {
  test('are independent: each has its files and its original', async () => {
    const owner = createOwner()
    const { uploadId, one, two } = await twoCrops(owner)
    const first = granted(await host.saveImage(owner, one))
    const second = granted(await other.saveImage(owner, two))
    expect(second.imageId).not.toBe(first.imageId)
    expect([first.uploadId, second.uploadId]).toEqual([uploadId, uploadId])
    expect(first.savedAt).toBe(second.savedAt)
    const { images } = granted(await host.gallery(owner))
    expect(images.map(({ imageId, current }) => [imageId, current]).toSorted()).toEqual(
      [
        [first.imageId, false],
        [second.imageId, true],
      ].toSorted(),
    )
    const file = await createPicture(1)
    for (const image of images) expect((await bytesAt(originalOf(image))).equals(file)).toBe(true)
    await remove(host, owner, second.imageId)
    expect(granted(await host.gallery(owner)).images).toMatchObject([{ imageId: first.imageId }])
    for (const url of [originalOf(first), ...first.variants.map((variant) => variant.url)]) await bytesAt(url)
  })

  test('are all saved by concurrent requests', async () => {
    for (let round = 0; round < 4; round += 1) {
      const owner = createOwner()
      const { one, two } = await twoCrops(owner)
      const saved = (await Promise.all([host.saveImage(owner, one), other.saveImage(owner, two)])).map(granted)
      const { images } = granted(await host.gallery(owner))
      expect(images.map(({ imageId }) => imageId).toSorted()).toEqual(saved.map(({ imageId }) => imageId).toSorted())
      expect(images.filter(({ current }) => current)).toHaveLength(1)
    }
  })

  test('can be the same crop with and without its original', async () => {
    const owner = createOwner()
    const crop = await draft(host, owner, 3)
    const kept = granted(await host.saveImage(owner, { ...idsOf(crop), keepOriginal: true }))
    const notKept = granted(await other.saveImage(owner, { ...idsOf(crop), keepOriginal: false }))
    expect(notKept.imageId).not.toBe(kept.imageId)
    expect(notKept).toMatchObject({ ...idsOf(crop), original: null })
    const { images } = granted(await host.gallery(owner))
    expect(images).toHaveLength(2)
    expect(images.filter(({ original }) => original === null).map(({ imageId }) => imageId)).toEqual([notKept.imageId])
    expect((await bytesAt(originalOf(kept))).equals(await createPicture(3))).toBe(true)
  })
})

describe('rule 1: a save answers draft_gone', () => {
  test('for a crop that does not exist', async () => {
    const owner = createOwner()
    const { uploadId } = await draft(host, owner)
    expect(await host.saveImage(owner, { uploadId, cropId: '0'.repeat(32) })).toEqual({ ok: false, code: 'draft_gone' })
  })

  test('after T + 47 h, even if the draft still exists', async () => {
    const owner = createOwner()
    const [good, late] = [await draft(host, owner, 1), await draft(host, owner, 2)]
    await world.advance(45 * hourMs)
    // The draft of this crop stays in the store for two more days.
    const fresh = granted(await host.cropUpload(owner, cropOf(late.uploadId, 9)))
    await world.advance(2 * hourMs - 60_000)
    expect((await host.saveImage(owner, idsOf(good))).ok).toBe(true)
    await world.advance(120_000)
    for (const crop of [late, fresh]) {
      expect(await other.saveImage(owner, idsOf(crop))).toEqual({ ok: false, code: 'draft_gone' })
    }
    const drafts = await world.keys(`drafts/${owner.uid}/${late.uploadId}/`)
    expect(drafts.filter((key) => key.includes(fresh.cropId))).toHaveLength(5)
    expect(drafts.filter((key) => key.includes('/original/'))).toHaveLength(1)
    expect(granted(await other.gallery(owner)).images).toHaveLength(1)
  })

  test('and commits nothing if the draft expires during the copies', async () => {
    const owner = createOwner()
    const crop = await draft(host, owner)
    const watched = await world.startHost()
    const expire = once(async () => world.erase(await world.keys(`drafts/${owner.uid}/`)))
    watched.hooks.before = async ({ command }) => {
      if (command === 'CopyObject') await expire()
    }
    expect(await watched.saveImage(owner, idsOf(crop))).toEqual({ ok: false, code: 'draft_gone' })
    expect(await world.keys(`users/${owner.uid}/v1/entries/`)).toEqual([])
    expect(await trailOf(owner)).toEqual([])
  })
})

describe('rule 3: a save answers with the image if a concurrent save succeeds', () => {
  test('before the deadline passes', async () => {
    const owner = createOwner()
    const crop = await draft(host, owner)
    await world.advance(46 * hourMs)
    const slow = await world.startHost()
    const entriesListed = new Promise<void>((resolve) => {
      slow.hooks.after = async ({ keys: [key = ''] }) => {
        if (key.includes(`/entries/${crop.uploadId.slice(0, 19)}`)) resolve()
      }
    })
    slow.hooks.before = async ({ command }) => {
      if (command !== 'GetObject') return
      delete slow.hooks.before
      await entriesListed
      granted(await other.saveImage(owner, idsOf(crop)))
      await world.advance(2 * hourMs)
    }
    const saved = granted(await slow.saveImage(owner, idsOf(crop)))
    expect(saved).toMatchObject({ imageId: imageIdOfSave(owner, crop), current: true })
  })

  test.each([
    ['draft', 'drafts/'],
    ['original', 'original/'],
  ])('before the %s expires', async (_name, gone) => {
    const owner = createOwner()
    const crop = await draft(host, owner)
    const slow = await world.startHost()
    const overtake = once(async () => {
      granted(await other.saveImage(owner, idsOf(crop)))
      await world.erase((await world.keys(`drafts/${owner.uid}/`)).filter((key) => key.includes(gone)))
    })
    slow.hooks.before = async ({ command }) => {
      if (command === 'CopyObject') await overtake()
    }
    const saved = granted(await slow.saveImage(owner, idsOf(crop)))
    expect(saved).toMatchObject({ imageId: imageIdOfSave(owner, crop), current: true })
    for (const url of [originalOf(saved), ...saved.variants.map((variant) => variant.url)]) await bytesAt(url)
  })
})

describe('rule 4: `seen`', () => {
  test('makes the image current only if it is still the head', async () => {
    const owner = createOwner()
    const [a, b, c] = [await draft(host, owner, 1), await draft(host, owner, 2), await draft(host, owner, 3)]
    expect(await host.current(owner)).toEqual({ seen: null, image: null })
    expect(granted(await host.saveImage(owner, { ...idsOf(a), seen: null })).current).toBe(true)
    const second = await other.current(owner)
    expect(granted(await other.saveImage(owner, { ...idsOf(b), seen: second.seen })).current).toBe(true)
    // This page was opened before the first save.
    expect(granted(await host.saveImage(owner, { ...idsOf(c), seen: null })).current).toBe(false)
    expect(await currentOf(owner)).toBe(imageIdOfSave(owner, b))
    const page = granted(await host.gallery(owner))
    expect(page.images.map(({ imageId, current }) => [imageId, current])).toEqual([
      [imageIdOfSave(owner, c), false],
      [imageIdOfSave(owner, b), true],
      [imageIdOfSave(owner, a), false],
    ])
    // The third save wrote no trail item.
    expect(await trailOf(owner)).toHaveLength(2)
  })

  test('defaults to the head as read', async () => {
    const owner = createOwner()
    const older = await draft(host, owner, 1)
    await save(host, owner, 2)
    expect(granted(await other.saveImage(owner, idsOf(older))).current).toBe(true)
    expect(await currentOf(owner)).toBe(imageIdOfSave(owner, older))
  })

  test('is stale after another save, so the image does not become current', async () => {
    const owner = createOwner()
    const { seen } = await host.current(owner)
    const late = await draft(host, owner, 1)
    const { imageId } = await save(other, owner, 2)
    for (let time = 0; time < 2; time += 1) {
      expect(granted(await host.saveImage(owner, { ...idsOf(late), seen })).current).toBe(false)
      expect(await currentOf(owner)).toBe(imageId)
    }
  })

  test.each([
    ['of the same head', null],
    ['omitted', undefined],
  ])('%s: two concurrent saves write one trail item and both return current', async (_name, seen) => {
    const owner = createOwner()
    const crop = await draft(host, owner)
    const slow = await world.startHost()
    const answers: unknown[] = []
    slow.hooks.before = async ({ command, keys }) => {
      if (command !== 'ListObjectsV2' || !keys[0]?.includes('/trail/') || answers.length > 0) return
      answers.push(granted(await other.saveImage(owner, { ...idsOf(crop), seen })))
    }
    const late = granted(await slow.saveImage(owner, { ...idsOf(crop), seen }))
    expect(answers[0]).toMatchObject({ imageId: late.imageId, current: true })
    expect(late).toMatchObject({ imageId: imageIdOfSave(owner, crop), current: true })
    expect(await currentOf(owner)).toBe(late.imageId)
    expect(await trailOf(owner)).toHaveLength(1)
  })
})

test('rule 5: a deletion during any request of a save hides the image', async () => {
  const owner = createOwner()
  const kept = await save(host, owner, 9)
  const overtakeAt = async (at: number, isSaved: boolean) => {
    const crop = await draft(host, owner, at % 9)
    const imageId = imageIdOfSave(owner, crop)
    if (isSaved) granted(await other.saveImage(owner, idsOf(crop)))
    const watched = await world.startHost()
    let requests = 0
    watched.hooks.before = async () => {
      requests += 1
      if (requests !== at) return
      // Only a saved image can be deleted, so a concurrent save commits first.
      if (!isSaved) granted(await other.saveImage(owner, idsOf(crop)))
      await remove(other, owner, imageId)
    }
    const answer = await watched.saveImage(owner, idsOf(crop))
    if (requests < at) {
      await remove(host, owner, imageId)
      return false
    }
    // The save answers from its first reads, or `deleted`.
    if (!answer.ok) expect(answer.code, `request ${at}`).toBe('deleted')
    expect(await host.readImage(owner, imageId), `request ${at}`).toEqual({ ok: false, code: 'not_found' })
    expect(await currentOf(owner)).not.toBe(imageId)
    expect(granted(await other.gallery(owner)).images.map((image) => image.imageId)).toEqual([kept.imageId])
    expect(await other.saveImage(owner, idsOf(crop))).toEqual({ ok: false, code: 'deleted' })
    return true
  }
  for (const isSaved of [true, false]) {
    let at = 1
    while (await overtakeAt(at, isSaved)) at += 1
    // The numbers of requests of a repeated save and of a first save (requests.contract.test.ts).
    expect(at - 1).toBe(isSaved ? 4 : 11)
  }
})

import { describe, expect, test } from 'vitest'
import { host, other, world } from './shared-world.test-support'
import {
  bytesAt,
  createOwner,
  createPicture,
  cropOf,
  draft,
  granted,
  hourMs,
  originalOf,
  save,
  upload,
} from './world.test-support'

/** Two crops of one upload. */
async function twoCrops(owner: { uid: string }) {
  const imageId = await upload(host, owner, await createPicture(1))
  const one = granted(await host.cropUpload(owner, cropOf(imageId, 0)))
  const two = granted(await host.cropUpload(owner, cropOf(imageId, 20)))
  return { imageId, one: { imageId, cropId: one.cropId }, two: { imageId, cropId: two.cropId } }
}

describe('a save', () => {
  test('rule 3: writes mark, copies, recipe, trail and entry in the order of the contract, and takes the mark back', async () => {
    const owner = createOwner()
    const { imageId, cropId } = await draft(host, owner)
    const before = host.written().length
    granted(await host.saveImage(owner, { imageId, cropId }))
    const writes = host.written().slice(before)
    const steps = writes.map(({ command, keys }) => `${command} ${keys[0]?.replace(owner.uid, '<uid>')}`)
    const [mark, ...rest] = steps
    const trail = 'users/<uid>/v1/trail/a/'
    expect(mark).toBe(`PutObject ${trail}!save.${imageId}.${cropId}`)
    expect(rest.slice(0, 6).toSorted()).toEqual(
      [
        `PutObject drafts/<uid>/${imageId}/votes/0.for.${cropId}`,
        `CopyObject users/<uid>/v1/images/${imageId}/${cropId}/original`,
        ...[512, 256, 128, 64].map((side) => `CopyObject media/<uid>/${imageId}/${cropId}/${side}.webp`),
      ].toSorted(),
    )
    expect(rest[6]).toBe(`PutObject users/<uid>/v1/images/${imageId}/${cropId}/recipe.json`)
    expect(rest[7]).toMatch(new RegExp(`^PutObject ${trail}[0-9a-v]{20}\\.${imageId}\\.${cropId}$`))
    expect(rest[8]).toMatch(new RegExp(`^PutObject users/<uid>/v1/entries/${imageId}\\.`))
    expect(rest[9]).toBe(`DeleteObject ${trail}!save.${imageId}.${cropId}`)
    expect(rest).toHaveLength(10)
    expect(
      host.sent
        .slice(-20)
        .flatMap(({ keys }) => keys)
        .filter((key) => key.startsWith('incoming/')),
    ).toEqual([])
  })

  test('shows the picture from where it is kept, is current, and hands the original out as it was sent', async () => {
    const owner = createOwner()
    const file = await createPicture(4)
    const imageId = await upload(host, owner, file)
    const crop = granted(await host.cropUpload(owner, cropOf(imageId)))
    const saved = granted(await other.saveImage(owner, { imageId, cropId: crop.cropId }))
    expect(saved).toMatchObject({ imageId, cropId: crop.cropId, collection: 'avatars', alt: '', current: true })
    expect(Math.abs(Date.parse(saved.savedAt) - world.storeNow())).toBeLessThan(60_000)
    for (const [at, variant] of saved.variants.entries()) {
      expect(variant.url).toContain(`/media/${owner.uid}/${imageId}/`)
      expect((await bytesAt(variant.url)).equals(await bytesAt(crop.variants[at]?.url ?? ''))).toBe(true)
    }
    const original = await fetch(originalOf(saved))
    expect(original.headers.get('content-disposition')).toMatch(/^attachment; filename="avatars-[\w-]+-original\.jpg"$/)
    expect(Buffer.from(await original.arrayBuffer()).equals(file)).toBe(true)
    const current = await other.current(owner)
    expect(current.picture).toMatchObject({ imageId, cropId: crop.cropId })
  })

  test('rule 3: repeated, late and on another host, gives the same answer and writes nothing', async () => {
    const owner = createOwner()
    const { imageId, cropId } = await draft(host, owner)
    const first = granted(await host.saveImage(owner, { imageId, cropId, seen: null }))
    const before = [host.written().length, other.written().length]
    for (const again of [host, other]) {
      expect(granted(await again.saveImage(owner, { imageId, cropId, seen: null }))).toEqual(first)
    }
    expect([host.written().length, other.written().length]).toEqual(before)
    await world.advance(100 * hourMs)
    const late = granted(await other.saveImage(owner, { imageId, cropId, seen: null }))
    expect(late).toMatchObject({ savedAt: first.savedAt, current: true })
  })

  test('by twenty at once is one entry, one current picture, and one answer', async () => {
    const owner = createOwner()
    const { imageId, cropId } = await draft(host, owner)
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, at) => (at % 2 ? host : other).saveImage(owner, { imageId, cropId, seen: null })),
    )
    const saved = answers.map(granted)
    expect(await world.keys(`users/${owner.uid}/v1/entries/`)).toHaveLength(1)
    expect(await world.keys(`users/${owner.uid}/v1/trail/`)).toHaveLength(1)
    expect((await host.current(owner)).picture?.imageId).toBe(imageId)
    // The entry was written more than once, so its own time may be that of a later try.
    const told = saved.map(({ savedAt: _savedAt, original: _original, variants, ...rest }) => ({
      ...rest,
      urls: variants.map(({ url }) => url),
    }))
    expect(told[0]).toMatchObject({ imageId, cropId, current: true })
    for (const answer of told) expect(answer).toEqual(told[0])
  })

  test('of another crop of a saved picture is refused, and changes nothing', async () => {
    const owner = createOwner()
    const { one, two } = await twoCrops(owner)
    granted(await host.saveImage(owner, one))
    const before = await world.keys(`users/${owner.uid}/`)
    expect(await other.saveImage(owner, two)).toEqual({ ok: false, code: 'already_saved' })
    expect(await world.keys(`users/${owner.uid}/`)).toEqual(before)
  })

  test('of a crop that was never made, or whose draft is older than 47 hours of store time, is refused', async () => {
    const owner = createOwner()
    const { imageId, cropId } = await draft(host, owner)
    const gone = { ok: false, code: 'draft_gone' }
    expect(await host.saveImage(owner, { imageId, cropId: '0'.repeat(32) })).toEqual(gone)
    await world.advance(47 * hourMs - 60_000)
    const late = await draft(host, owner, 2)
    expect((await host.saveImage(owner, { imageId, cropId })).ok).toBe(true)
    await world.advance(47 * hourMs + 60_000)
    expect(await other.saveImage(owner, late)).toMatchObject(gone)
    await world.advance(2 * hourMs)
    expect(await other.saveImage(owner, late)).toMatchObject(gone)
  })

  test('whose draft expires while it copies commits nothing', async () => {
    const owner = createOwner()
    const { imageId, cropId } = await draft(host, owner)
    const watched = await world.startHost()
    watched.hooks.before = async ({ command }) => {
      if (command === 'CopyObject') await world.advance(10 * hourMs)
    }
    expect(await watched.saveImage(owner, { imageId, cropId })).toEqual({ ok: false, code: 'draft_gone' })
    expect(await world.keys(`users/${owner.uid}/v1/entries/`)).toEqual([])
  })

  test('S10: of a picture of somebody else is refused before any request', async () => {
    const { imageId, cropId } = await draft(host, createOwner())
    const before = host.sent.length
    const stranger = createOwner()
    const none = { ok: false, code: 'not_found' }
    expect(await host.saveImage(stranger, { imageId, cropId })).toEqual(none)
    expect(await host.deleteImage(stranger, imageId)).toEqual(none)
    expect(await host.describeImage(stranger, imageId, 'mine')).toEqual(none)
    expect(await host.recropImage(stranger, imageId)).toEqual(none)
    expect(host.sent).toHaveLength(before)
    expect(await host.setCurrent(stranger, imageId)).toEqual(none)
    expect(await world.keys(`users/${stranger.uid}/`)).toEqual([])
  })
})

describe('rule 4: `seen`', () => {
  test('that is still the head makes the picture current, and one that moved on does not', async () => {
    const owner = createOwner()
    const [a, b, c] = [await draft(host, owner, 1), await draft(host, owner, 2), await draft(host, owner, 3)]
    const first = await host.current(owner)
    expect(first).toEqual({ seen: null, picture: null })
    expect(granted(await host.saveImage(owner, { ...idsOf(a), seen: null })).current).toBe(true)
    const second = await other.current(owner)
    expect(granted(await other.saveImage(owner, { ...idsOf(b), seen: second.seen })).current).toBe(true)
    // A page from before the first save.
    expect(granted(await host.saveImage(owner, { ...idsOf(c), seen: null })).current).toBe(false)
    expect((await host.current(owner)).picture?.imageId).toBe(b.imageId)
    const page = granted(await host.gallery(owner))
    expect(page.images.map(({ imageId, current }) => [imageId, current])).toEqual([
      [c.imageId, false],
      [b.imageId, true],
      [a.imageId, false],
    ])
  })

  test('that is not given means: whatever is the head now', async () => {
    const owner = createOwner()
    const older = await draft(host, owner, 1)
    await save(host, owner, 2)
    expect(granted(await other.saveImage(owner, idsOf(older))).current).toBe(true)
    expect((await host.current(owner)).picture?.imageId).toBe(older.imageId)
  })
})

const idsOf = ({ imageId, cropId }: { imageId: string; cropId: string }) => ({ imageId, cropId })

describe('meanwhile', () => {
  test('rule 5: deleted: the save answers not_found, and leaves no entry', async () => {
    // At each request of a save, a deletion from elsewhere runs through.
    const owner = createOwner()
    const kept = await save(host, owner, 5)
    const copiesAtOnce = [7, 8, 9, 10]
    for (let at = 1; at < 18; at += 1) {
      if (copiesAtOnce.includes(at)) continue
      const { imageId, cropId } = await draft(host, owner, at)
      const watched = await world.startHost()
      let requests = 0
      let isDeleted = false
      watched.hooks.before = async () => {
        requests += 1
        if (requests !== at) return
        const { writeDeletion } = await import('./writes')
        const { defaultCollection: collection } = await import('./collections')
        await writeDeletion({ uid: owner.uid, imageId, collection, bucket: host.bucket })
        isDeleted = true
      }
      const answer = await watched.saveImage(owner, { imageId, cropId, seen: null })
      if (!isDeleted) continue
      const isShown = granted(await other.gallery(owner)).images.some((image) => image.imageId === imageId)
      // Either the deletion came before the last look, or the save was done and then the picture was deleted.
      expect(isShown, `request ${at}`).toBe(false)
      if (at <= 12) expect(answer, `request ${at}`).toEqual({ ok: false, code: 'not_found' })
      expect((await other.current(owner)).picture?.imageId).toBe(kept.imageId)
      expect(await world.keys(`media/${owner.uid}/${imageId}/`)).toEqual([])
      expect(await world.keys(`users/${owner.uid}/v1/images/${imageId}/`)).toEqual([])
    }
  })

  test.each([
    ['the same head', null],
    ['no head', undefined],
  ])('done by another try that saw %s: it stays current, and both answer so', async (_name, seen) => {
    const owner = createOwner()
    const { imageId, cropId } = await draft(host, owner)
    const slow = await world.startHost()
    const answers: unknown[] = []
    slow.hooks.before = async ({ command, keys }) => {
      if (command !== 'ListObjectsV2' || !keys[0]?.includes('/trail/') || answers.length > 0) return
      answers.push(granted(await other.saveImage(owner, { imageId, cropId, seen })))
    }
    const late = granted(await slow.saveImage(owner, { imageId, cropId, seen }))
    expect(answers[0]).toMatchObject({ imageId, current: true })
    expect(late).toMatchObject({ imageId, current: true })
    expect((await host.current(owner)).picture?.imageId).toBe(imageId)
    expect(await world.keys(`users/${owner.uid}/v1/trail/`)).toHaveLength(1)
  })

  test('another crop saved at the same moment: exactly one stands', async () => {
    for (let round = 0; round < 4; round += 1) {
      const owner = createOwner()
      const { imageId, one, two } = await twoCrops(owner)
      const answers = await Promise.all([host.saveImage(owner, one), other.saveImage(owner, two)])
      const winners = answers.filter((answer) => answer.ok)
      expect(winners).toHaveLength(1)
      expect(answers.find((answer) => !answer.ok)).toEqual({ ok: false, code: 'already_saved' })
      const entries = await world.keys(`users/${owner.uid}/v1/entries/`)
      expect(entries).toHaveLength(1)
      const page = granted(await host.gallery(owner))
      expect(page.images).toEqual([
        expect.objectContaining({ imageId, cropId: granted(winners[0] as (typeof answers)[0]).cropId, current: true }),
      ])
      expect((await host.current(owner)).picture?.cropId).toBe(page.images[0]?.cropId)
    }
  })
})

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { issuedAt } from '@/lib/images/storage/ids'
import {
  createOwner,
  createPicture,
  cropOf,
  draft,
  granted,
  type Host,
  hourMs,
  idsOf,
  imageIdOfSave,
  remove,
  save,
  startWorld,
  toForm,
  type World,
} from '@/lib/images/test-support/world'

// Rule 1: time is the store's. The clocks of two hosts are ten minutes slow and ten minutes fast. A step that used a
// host's clock would sort images wrongly, sign expired URLs or end a draft too early.

const tenMinutes = 10 * 60 * 1000
let world: World
let slow: Host
let fast: Host

beforeAll(async () => {
  world = await startWorld()
  slow = await world.startHost({ skewMs: -tenMinutes })
  fast = await world.startHost({ skewMs: tenMinutes })
})
afterAll(async () => {
  expect(world.faults).toEqual([])
  await world.end()
})

function expectWithin(value: number, min: number, max: number) {
  expect(value).toBeGreaterThanOrEqual(min)
  expect(value).toBeLessThanOrEqual(max)
}

test('rule 1: lists images in the order of their uploads on every host', async () => {
  const owner = createOwner()
  const saved: string[] = []
  for (const [seed, host] of [fast, slow, fast, slow].entries()) {
    const { imageId, current } = await save(host, owner, seed)
    expect(current).toBe(true)
    saved.unshift(imageId)
    for (const reader of [slow, fast]) {
      const { images } = granted(await reader.gallery(owner))
      expect(images.map((image) => image.imageId)).toEqual(saved)
      expect(images.map((image) => image.current)).toEqual(saved.map((_, at) => at === 0))
    }
    // The store's `Date` has whole seconds, so a host knows the time to within a second.
    await world.advance(2000)
  }
})

test('rules 1 and 4: a save that starts after another one ends becomes current', async () => {
  const owner = createOwner()
  const drafts = [await draft(fast, owner, 1), await draft(slow, owner, 2), await draft(slow, owner, 3)]
  for (const [at, crop] of drafts.toReversed().entries()) {
    const { seen } = await slow.current(owner)
    expect(granted(await (at % 2 ? slow : fast).saveImage(owner, { ...idsOf(crop), seen })).current).toBe(true)
    expect((await fast.current(owner)).image?.imageId).toBe(imageIdOfSave(owner, crop))
  }
  for (const imageId of drafts.map((crop) => imageIdOfSave(owner, crop))) {
    granted(await slow.setCurrent(owner, imageId))
    expect((await fast.current(owner)).image?.imageId).toBe(imageId)
    granted(await fast.setCurrent(owner, null))
    expect((await slow.current(owner)).image).toBeNull()
  }
})

test('rule 1: the first policy of a new host is valid for five minutes of store time', async () => {
  const owner = createOwner()
  const file = await createPicture(1)
  for (const skewMs of [-tenMinutes, tenMinutes]) {
    const fresh = await world.startHost({ skewMs })
    const request = { collection: 'avatars', contentType: 'image/jpeg', size: file.length }
    const before = world.signingNow()
    const ticket = granted(await fresh.startUpload(owner, request))
    const policy = JSON.parse(Buffer.from(ticket.fields?.Policy ?? '', 'base64').toString())
    // The store's `Date` has whole seconds, so a host knows the time to within a second.
    expectWithin(Date.parse(ticket.expiresAt), before + 298_000, world.signingNow() + 301_000)
    expectWithin(Date.parse(policy.expiration), before + 298_000, world.signingNow() + 301_000)
    const response = await fetch(ticket.url, { method: 'POST', body: toForm(ticket.fields ?? {}, file) })
    expect(response.status).toBe(204)
  }
})

test('signs URLs that are valid now, on a slow and on a fast host', async () => {
  const owner = createOwner()
  await save(fast, owner)
  const urls = await Promise.all(
    [slow, fast].map(async (host) => granted(await host.gallery(owner)).images[0]?.variants[0]?.url),
  )
  for (const url of urls) expect((await fetch(url ?? '')).status).toBe(200)
})

test('rule 1: cropping ends at T + 46 h and saving at T + 47 h on every host', async () => {
  const draftGone = { ok: false, code: 'draft_gone' }
  for (const host of [slow, fast]) {
    const owner = createOwner()
    const [good, late] = [await draft(host, owner, 1), await draft(host, owner, 2)]
    await world.advance(46 * hourMs - 60_000)
    granted(await host.openUpload(owner, good.uploadId, good.cropId))
    granted(await host.cropUpload(owner, cropOf(good.uploadId, 9)))
    await world.advance(120_000)
    expect(await host.openUpload(owner, good.uploadId, good.cropId)).toEqual(draftGone)
    expect(await host.cropUpload(owner, cropOf(good.uploadId, 10))).toEqual(draftGone)
    await world.advance(hourMs - 120_000)
    granted(await host.saveImage(owner, idsOf(good)))
    await world.advance(120_000)
    expect(await host.saveImage(owner, idsOf(late))).toEqual(draftGone)
  }
})

test('rule 1: only the age of a tombstone depends on LastModified', async () => {
  const confused = await world.startHost({ withRandomDates: true })
  const owner = createOwner()
  const crop = await draft(confused, owner, 1)
  granted(await confused.openUpload(owner, crop.uploadId, crop.cropId))
  await world.advance(45 * hourMs)
  expect(await confused.cropUpload(owner, cropOf(crop.uploadId))).toMatchObject({ value: { cropId: crop.cropId } })
  const { imageId, savedAt } = granted(await confused.saveImage(owner, idsOf(crop)))
  expect(savedAt).toBe(new Date(issuedAt(imageId)).toISOString())
  const next = await save(confused, owner, 2)
  expect(await confused.saveImage(owner, idsOf(crop))).toMatchObject({ value: { savedAt, current: false } })
  granted(await confused.describeImage(owner, imageId, 'me'))
  granted(await confused.setCurrent(owner, imageId))
  for (let time = 0; time < 3; time += 1) {
    await confused.visitGallery(owner)
    const { images } = granted(await confused.gallery(owner))
    expect(images.map((image) => [image.imageId, image.current])).toEqual([
      [next.imageId, false],
      [imageId, true],
    ])
    await world.advance(20 * hourMs)
  }
  await remove(confused, owner, imageId)
  await world.advance(47 * hourMs)
  await confused.visitGallery(owner)
  const tombstones = async () =>
    (await world.keys(`users/${owner.uid}/v1/trail/`)).filter((key) => key.includes('!deleted'))
  expect(await tombstones()).toHaveLength(1)
  await world.advance(2 * hourMs)
  await confused.visitGallery(owner)
  expect(await tombstones()).toEqual([])
  const kept = await Promise.all([world.keys(`media/${owner.uid}/`), world.keys(`users/${owner.uid}/v1/originals/`)])
  expect(kept.flat().every((key) => key.includes(next.imageId))).toBe(true)
  expect(kept.flat()).toHaveLength(5)
})

describe('a host with a wrong clock', () => {
  test('by an hour (more than the store allows) adopts the time of the first response', async () => {
    for (const skewMs of [-3_600_000, 3_600_000]) {
      const owner = createOwner()
      const lost = await world.startHost({ skewMs })
      expect(granted(await lost.gallery(owner)).images).toEqual([])
      expect((await save(lost, owner)).current).toBe(true)
    }
  })

  test('sends as many requests as a host with the right clock', async () => {
    const owner = createOwner()
    const right = await world.startHost()
    const counts: number[] = []
    for (const host of [right, slow, fast]) {
      await host.gallery(owner)
      const [commandsBefore, requestsBefore] = [host.sent.length, host.wire.requests]
      await save(host, owner)
      // A difference means retries, such as after a rejected signature.
      expect(host.wire.requests - requestsBefore).toBe(host.sent.length - commandsBefore)
      counts.push(host.sent.length - commandsBefore)
    }
    expect(new Set(counts).size).toBe(1)
  })
})

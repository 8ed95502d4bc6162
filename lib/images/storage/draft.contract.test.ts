import pMap from 'p-map'
import { expect, test } from 'vitest'
import { host, other, world } from '@/lib/images/test-support/shared-world'
import { bytesAt, createOwner, cropOf, draft, granted, idsOf } from '@/lib/images/test-support/world'
import type { Owner } from './image-ref'
import { keys } from './keys'

const minuteMs = 60_000

async function cropIdsIn(owner: Owner, uploadId: string): Promise<string[]> {
  const stored = await world.keys(`${keys.draft(owner.uid, uploadId)}crops/`)
  return [...new Set(stored.map((key) => key.split('/').at(-2) ?? ''))]
}

/** Crops an upload at `count` places, one after another. @returns the cropIds */
async function cropAt(owner: Owner, uploadId: string, from: number, count: number): Promise<string[]> {
  const cropIds: string[] = []
  for (let x = from; x < from + count; x += 1) {
    cropIds.push(granted(await host.cropUpload(owner, cropOf(uploadId, x))).cropId)
  }
  return cropIds
}

/** Creates an upload with 4 old crops and 16 newer ones, all more than a minute old. */
async function prepare(owner: Owner) {
  const { uploadId, cropId } = await draft(host, owner)
  const old = [cropId, ...(await cropAt(owner, uploadId, 1, 3))]
  await world.advance(5 * minuteMs)
  const newer = await cropAt(owner, uploadId, 4, 16)
  await world.advance(2 * minuteMs)
  return { uploadId, old, newer }
}

test('rule 2: a new crop erases the oldest ones beyond 20, in one request', async () => {
  const owner = createOwner()
  const { uploadId, old, newer } = await prepare(owner)
  const before = host.sent.length
  const crop = granted(await host.cropUpload(owner, cropOf(uploadId, 30)))
  expect(
    host.sent
      .slice(before)
      .map(({ command }) => command)
      .toSorted(),
  ).toEqual(['DeleteObjects', 'GetObject', 'ListObjectsV2', ...Array.from({ length: 5 }, () => 'PutObject')])
  const left = await cropIdsIn(owner, uploadId)
  expect(left).toHaveLength(20)
  expect(left).toEqual(expect.arrayContaining([...newer, crop.cropId]))
  expect(left.filter((cropId) => old.includes(cropId))).toHaveLength(3)
  // The working copy and the crop's files are complete.
  for (const { url } of crop.variants) await bytesAt(url)
  granted(await other.saveImage(owner, idsOf(crop)))
})

test('rule 2: crops of the last minute all stay', async () => {
  const owner = createOwner()
  const { uploadId, cropId } = await draft(host, owner)
  const cropIds = [cropId, ...(await cropAt(owner, uploadId, 1, 24))]
  expect((await cropIdsIn(owner, uploadId)).toSorted()).toEqual(cropIds.toSorted())
})

test('rule 2: a request for an existing crop erases nothing', async () => {
  const owner = createOwner()
  const { uploadId, old, newer } = await prepare(owner)
  expect(granted(await other.cropUpload(owner, cropOf(uploadId, 0))).cropId).toBe(old[0])
  expect((await cropIdsIn(owner, uploadId)).toSorted()).toEqual([...old, ...newer].toSorted())
})

test('rule 2: an erased crop answers draft_gone, and can be cropped again and saved', async () => {
  const owner = createOwner()
  const { uploadId, old } = await prepare(owner)
  granted(await host.cropUpload(owner, cropOf(uploadId, 30)))
  const left = await cropIdsIn(owner, uploadId)
  const x = old.findIndex((cropId) => !left.includes(cropId))
  const erased = { uploadId, cropId: old[x] as string }
  expect(await other.saveImage(owner, erased)).toEqual({ ok: false, code: 'draft_gone' })
  expect(granted(await other.openUpload(owner, uploadId, erased.cropId)).crop).toBeNull()
  const again = granted(await other.cropUpload(owner, cropOf(uploadId, x)))
  expect(idsOf(again)).toEqual(erased)
  granted(await host.saveImage(owner, erased))
})

test('rule 3: a save whose crop is erased while it copies answers draft_gone and saves nothing', async () => {
  const owner = createOwner()
  const { uploadId, old } = await prepare(owner)
  const slow = await world.startHost()
  slow.hooks.before = async ({ command, keys: [key = ''] }) => {
    if (command !== 'CopyObject' || !key.endsWith('/64.webp')) return
    delete slow.hooks.before
    for (const x of [30, 31]) granted(await other.cropUpload(owner, cropOf(uploadId, x)))
    await world.advance(2 * minuteMs)
    for (const x of [32, 33]) granted(await other.cropUpload(owner, cropOf(uploadId, x)))
  }
  expect(await slow.saveImage(owner, { uploadId, cropId: old[0] as string })).toEqual({ ok: false, code: 'draft_gone' })
  expect(await world.keys(keys.entries(owner.uid))).toEqual([])
})

test('lists a draft in one request again after 250 crops of a minute', async () => {
  const owner = createOwner()
  const { uploadId } = await draft(host, owner)
  const files = ['512', '256', '128', '64', 'manifest'].flatMap((file) =>
    Array.from({ length: 250 }, (_, at) => keys.draftVariant(owner.uid, uploadId, `${at}`.padStart(32, '0'), file)),
  )
  await pMap(files, (key) => world.place(key), { concurrency: 50 })
  const listings = async (x: number) => {
    const before = host.sent.length
    granted(await host.cropUpload(owner, cropOf(uploadId, x)))
    return host.sent.slice(before).filter(({ command }) => command === 'ListObjectsV2').length
  }
  expect(await listings(1)).toBe(2)
  await world.advance(2 * minuteMs)
  expect(await listings(2)).toBe(2)
  expect(await listings(3)).toBe(1)
  expect(await cropIdsIn(owner, uploadId)).toHaveLength(20)
})

test('crops even if the store does not erase old crops', async () => {
  const owner = createOwner()
  const { uploadId } = await prepare(owner)
  const broken = await world.startHost({ isSilent: true })
  broken.hooks.before = async ({ command }) => {
    if (command === 'DeleteObjects') throw new Error('denied')
  }
  granted(await broken.cropUpload(owner, cropOf(uploadId, 30)))
  expect(await cropIdsIn(owner, uploadId)).toHaveLength(21)
})

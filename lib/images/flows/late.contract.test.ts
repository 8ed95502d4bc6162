import { expect, test } from 'vitest'
import type { Owner } from '@/lib/images/storage/image-ref'
import { keys } from '@/lib/images/storage/keys'
import { isHistory, keptBesidesHistory, keptOf } from '@/lib/images/test-support/placed'
import { host, other, world } from '@/lib/images/test-support/shared-world'
import { Killed, type SentRequest } from '@/lib/images/test-support/watched-client'
import {
  createOwner,
  draft,
  granted,
  type Host,
  hourMs,
  idsOf,
  imageIdOfSave,
  remove,
  save,
} from '@/lib/images/test-support/world'

// Rules 3, 5 and 7: of two attempts of a save, one is slow. The other is acknowledged, then the image is deleted. Late
// writes of the slow attempt must not bring the image back, and cleanup must erase them two days later.

/** Expects that no page shows the image and that every step answers not_found. */
async function expectDeleted(owner: Owner, imageId: string): Promise<void> {
  const before = other.sent.length
  expect(granted(await other.gallery(owner)).images).toEqual([])
  expect(other.sent.slice(before).map(({ command }) => command)).toEqual(['ListObjectsV2', 'ListObjectsV2'])
  expect((await other.current(owner)).image).toBeNull()
  const notFound = { ok: false, code: 'not_found' }
  expect(await other.readImage(owner, imageId)).toEqual(notFound)
  expect(await other.setCurrent(owner, imageId)).toEqual(notFound)
  expect(await other.describeImage(owner, imageId, 'me')).toEqual(notFound)
  expect(await other.recropImage(owner, imageId)).toEqual(notFound)
}

/** Expects that the image is not shown before cleanup and erased by it, even if the next visit is a week later. */
async function expectErasedByCleanup(owner: Owner, imageId: string): Promise<void> {
  await expectDeleted(owner, imageId)
  await world.advance(7 * 24 * hourMs)
  await expectDeleted(owner, imageId)
  await host.visitGallery(owner)
  expect(await keptBesidesHistory(owner)).toEqual([])
  await expectDeleted(owner, imageId)
}

const kinds = ['variant', 'original', 'trail', 'entry'] as const

const isWriteOf = (kind: (typeof kinds)[number]) => {
  const pattern = { variant: /^media/, original: /originals/, trail: /trail\/a\/\w/, entry: /entries/ }
  return ({ command, keys: [key = ''] }: SentRequest) => /Put|Copy/.test(command) && pattern[kind].test(key)
}

/** Pauses a save at a request, completes another attempt of it, deletes the image, calls `then` and resumes. */
async function overtake(slow: Host, isPausedAt: (request: SentRequest) => boolean, then: () => void) {
  const owner = createOwner()
  const crop = await draft(host, owner)
  const imageId = imageIdOfSave(owner, crop)
  let isOvertaken = false
  slow.hooks.before = async (request) => {
    if (isOvertaken || !isPausedAt(request)) return
    isOvertaken = true
    granted(await other.saveImage(owner, { ...idsOf(crop), seen: null }))
    await remove(other, owner, imageId)
    then()
  }
  const ending = await slow.saveImage(owner, { ...idsOf(crop), seen: null }).catch((error: unknown) => error)
  expect(isOvertaken).toBe(true)
  return { owner, imageId, ending, crop }
}

test.each(['variant', 'original', 'entry'] as const)(
  'a save killed at its late %s, after a retry and a deletion, leaves nothing',
  async (kind) => {
    const slow = await world.startHost()
    const { owner, imageId, ending } = await overtake(slow, isWriteOf(kind), () => slow.killAfterWrites(0))
    expect(ending).toBeInstanceOf(Killed)
    // The late write has reached the store.
    const late = (await keptBesidesHistory(owner)).filter((key) => key.includes(imageId) && !key.includes('!'))
    expect(late.length).toBeGreaterThan(0)
    await expectErasedByCleanup(owner, imageId)
  },
)

test.each(kinds)('a save that writes its %s after a retry and a deletion leaves nothing', async (kind) => {
  const slow = await world.startHost()
  const { owner, imageId, crop } = await overtake(slow, isWriteOf(kind), () => {})
  expect(await other.saveImage(owner, idsOf(crop))).toEqual({ ok: false, code: 'deleted' })
  await expectErasedByCleanup(owner, imageId)
})

test('writes of a save that arrive long after the deletion show nothing', async () => {
  const owner = createOwner()
  const { imageId } = await save(host, owner)
  const written = (await keptOf(owner)).filter((key) => key.includes(imageId))
  // Four variants, original, entry and trail item.
  expect(written).toHaveLength(7)
  await remove(host, owner, imageId)
  await world.advance(hourMs)
  for (const key of written) await world.place(key, 'late')
  await expectErasedByCleanup(owner, imageId)
})

test('a late trail item of a deleted image never makes it current', async () => {
  const owner = createOwner()
  const crop = await draft(host, owner, 2)
  const imageId = imageIdOfSave(owner, crop)
  const slow = await world.startHost()
  slow.hooks.before = async (request) => {
    if (!isWriteOf('trail')(request)) return
    delete slow.hooks.before
    await remove(other, owner, imageId)
  }
  granted(await slow.saveImage(owner, idsOf(crop)))
  // The late item is the head of the trail.
  const [head] = (await world.keys(keys.trail(owner.uid, host.avatars))).filter(isHistory)
  expect(head?.endsWith(`.${imageId}`)).toBe(true)
  await expectErasedByCleanup(owner, imageId)
})

test('a late description of a deleted image shows nothing', async () => {
  const owner = createOwner()
  const { imageId } = await save(host, owner)
  const slow = await world.startHost()
  let isDeleted = false
  slow.hooks.after = async ({ command }) => {
    if (command !== 'ListObjectsV2' || isDeleted) return
    isDeleted = true
    // Writes only the tombstone; the entry still exists and can be copied.
    granted(await other.deleteImage(owner, imageId))
  }
  const answer = await slow.describeImage(owner, imageId, 'late')
  if (!answer.ok) expect(answer.code).toBe('not_found')
  await expectErasedByCleanup(owner, imageId)
})

test('repeating a deletion immediately erases late writes', async () => {
  const slow = await world.startHost()
  const { owner, imageId } = await overtake(slow, isWriteOf('entry'), () => slow.killAfterWrites(0))
  expect((await keptOf(owner)).some((key) => key.includes('/entries/'))).toBe(true)
  await remove(other, owner, imageId)
  expect((await keptBesidesHistory(owner)).filter((key) => !key.includes('!deleted.'))).toEqual([])
})

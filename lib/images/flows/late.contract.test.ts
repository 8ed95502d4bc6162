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

// Rules 3, 5 and 7: one of two tries of a save is slow. The other is acknowledged, and the image is deleted. What the slow
// one still writes does not bring the image back, and two days later nothing of it is left.

/** No one sees the image, and no one can do anything with it. */
async function expectGone(owner: Owner, imageId: string): Promise<void> {
  const before = other.sent.length
  expect(granted(await other.gallery(owner)).images).toEqual([])
  expect(other.sent.slice(before).map(({ command }) => command)).toEqual(['ListObjectsV2', 'ListObjectsV2'])
  expect((await other.current(owner)).image).toBeNull()
  const gone = { ok: false, code: 'not_found' }
  expect(await other.readImage(owner, imageId)).toEqual(gone)
  expect(await other.setCurrent(owner, imageId)).toEqual(gone)
  expect(await other.describeImage(owner, imageId, 'me')).toEqual(gone)
  expect(await other.recropImage(owner, imageId)).toEqual(gone)
}

/** Nothing is shown before cleanup, and nothing is left after it, even if the gallery is not opened for a week. */
async function expectGoneForGood(owner: Owner, imageId: string): Promise<void> {
  await expectGone(owner, imageId)
  await world.advance(7 * 24 * hourMs)
  await expectGone(owner, imageId)
  await host.visitGallery(owner)
  expect(await keptBesidesHistory(owner)).toEqual([])
  await expectGone(owner, imageId)
}

const kinds = ['variant', 'original', 'trail', 'entry'] as const

const isWriteOf = (kind: (typeof kinds)[number]) => {
  const pattern = { variant: /^media/, original: /originals/, trail: /trail\/a\/\w/, entry: /entries/ }
  return ({ command, keys: [key = ''] }: SentRequest) => /Put|Copy/.test(command) && pattern[kind].test(key)
}

/** Holds a try at a request until another try of the save was acknowledged and the image deleted. */
async function overtake(slow: Host, isHeld: (request: SentRequest) => boolean, then: () => void) {
  const owner = createOwner()
  const crop = await draft(host, owner)
  const imageId = imageIdOfSave(owner, crop)
  let isOvertaken = false
  slow.hooks.before = async (request) => {
    if (isOvertaken || !isHeld(request)) return
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
  'a save that dies of writing its %s after its retry and a deletion leaves nothing',
  async (kind) => {
    const slow = await world.startHost()
    const { owner, imageId, ending } = await overtake(slow, isWriteOf(kind), () => slow.killAfterWrites(0))
    expect(ending).toBeInstanceOf(Killed)
    // The late write took effect.
    const late = (await keptBesidesHistory(owner)).filter((key) => key.includes(imageId) && !key.includes('!'))
    expect(late.length).toBeGreaterThan(0)
    await expectGoneForGood(owner, imageId)
  },
)

test.each(kinds)('a save overtaken before its %s by a retry and a deletion leaves nothing', async (kind) => {
  const slow = await world.startHost()
  const { owner, imageId, crop } = await overtake(slow, isWriteOf(kind), () => {})
  expect(await other.saveImage(owner, idsOf(crop))).toEqual({ ok: false, code: 'deleted' })
  await expectGoneForGood(owner, imageId)
})

test('all writes of a save, delayed until long after a deletion, show nothing', async () => {
  const owner = createOwner()
  const { imageId } = await save(host, owner)
  const sent = (await keptOf(owner)).filter((key) => key.includes(imageId))
  // Four variants, original, entry and trail item.
  expect(sent).toHaveLength(7)
  await remove(host, owner, imageId)
  await world.advance(hourMs)
  for (const key of sent) await world.place(key, 'late')
  await expectGoneForGood(owner, imageId)
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
  // It was written, and is the head.
  const [head] = (await world.keys(keys.trail(owner.uid, host.avatars))).filter(isHistory)
  expect(head?.endsWith(`.${imageId}`)).toBe(true)
  await expectGoneForGood(owner, imageId)
})

test('a late description of a deleted image shows nothing', async () => {
  const owner = createOwner()
  const { imageId } = await save(host, owner)
  const slow = await world.startHost()
  let isDeleted = false
  slow.hooks.after = async ({ command }) => {
    if (command !== 'ListObjectsV2' || isDeleted) return
    isDeleted = true
    // Only the tombstone: the entry is still there to be copied.
    granted(await other.deleteImage(owner, imageId))
  }
  const answer = await slow.describeImage(owner, imageId, 'late')
  if (!answer.ok) expect(answer.code).toBe('not_found')
  await expectGoneForGood(owner, imageId)
})

test('a deletion that is repeated erases at once what was written after it', async () => {
  const slow = await world.startHost()
  const { owner, imageId } = await overtake(slow, isWriteOf('entry'), () => slow.killAfterWrites(0))
  expect((await keptOf(owner)).some((key) => key.includes('/entries/'))).toBe(true)
  await remove(other, owner, imageId)
  expect((await keptBesidesHistory(owner)).filter((key) => !key.includes('!deleted.'))).toEqual([])
})

import { PutObjectCommand } from '@aws-sdk/client-s3'
import { expect, test } from 'vitest'
import type { Owner } from './owner'
import { host, other, world } from './shared-world.test-support'
import { Killed, type SentRequest } from './watched-client.test-support'
import { createOwner, draft, granted, type Host, hourMs, save } from './world.test-support'

// Contract, rules 3, 5 and 6: of two tries of a save one is slow, the other is acknowledged, and the picture is deleted;
// what the slow one still writes does not bring it back, and two days later nothing is left of it.

/** What is kept of a person but their trail's history: what is there for good when the last step has ended. */
async function keptOf({ uid }: Owner): Promise<string[]> {
  const kept = await Promise.all([world.keys(`users/${uid}/`), world.keys(`media/${uid}/`)])
  return kept.flat().filter((key) => !/\/trail\/a\/[0-9a-v]{20}\./.test(key))
}

/** Nobody sees the picture, nor can do anything with it. */
async function expectGone(owner: Owner, imageId: string): Promise<void> {
  const before = other.sent.length
  expect(granted(await other.gallery(owner)).images).toEqual([])
  // Rule 8.
  expect(other.sent.slice(before).map(({ command }) => command)).toEqual(['ListObjectsV2', 'ListObjectsV2'])
  expect((await other.current(owner)).picture).toBeNull()
  const gone = { ok: false, code: 'not_found' }
  expect(await other.readImage(owner, imageId)).toEqual(gone)
  expect(await other.setCurrent(owner, imageId)).toEqual(gone)
  expect(await other.describeImage(owner, imageId, 'me')).toEqual(gone)
  expect(await other.recropImage(owner, imageId)).toEqual(gone)
}

/** Before the sweep nothing shows, and after it nothing is there, even if the gallery is not opened for a week. */
async function expectGoneForGood(owner: Owner, imageId: string): Promise<void> {
  await expectGone(owner, imageId)
  // The tombstone has expired by then.
  await world.advance(7 * 24 * hourMs)
  await expectGone(owner, imageId)
  await host.sweep(owner)
  expect(await keptOf(owner)).toEqual([])
  await expectGone(owner, imageId)
}

const firstOf = (kind: 'variant' | 'original' | 'recipe' | 'trail' | 'entry') => {
  const pattern = {
    variant: /^media/,
    original: /original$/,
    recipe: /recipe/,
    trail: /trail\/a\/\w/,
    entry: /entries/,
  }
  return ({ command, keys }: SentRequest) => /Put|Copy/.test(command) && pattern[kind].test(keys[0] ?? '')
}

/** Has a try be held up before a request, while another try of the save is acknowledged, and the picture deleted. */
async function overtake(slow: Host, isHeldUp: (request: SentRequest) => boolean, then: () => void) {
  const owner = createOwner()
  const { imageId, cropId } = await draft(host, owner)
  let isOvertaken = false
  slow.hooks.before = async (request) => {
    if (isOvertaken || !isHeldUp(request)) return
    isOvertaken = true
    granted(await other.saveImage(owner, { imageId, cropId, seen: null }))
    granted(await other.deleteImage(owner, imageId))
    then()
  }
  const ending = await slow.saveImage(owner, { imageId, cropId, seen: null }).catch((error: unknown) => error)
  expect(isOvertaken).toBe(true)
  return { owner, imageId, ending }
}

test.each(['variant', 'original', 'recipe', 'trail', 'entry'] as const)(
  'a save that is overtaken by its retry and a deletion before it writes its %s, and dies of that, leaves nothing',
  async (kind) => {
    const slow = await world.startHost()
    const { owner, imageId, ending } = await overtake(slow, firstOf(kind), () => slow.killAfterWrites(0))
    expect(ending).toBeInstanceOf(Killed)
    expect((await keptOf(owner)).some((key) => key.includes(imageId) && !key.includes('!'))).toBe(kind !== 'trail')
    await expectGoneForGood(owner, imageId)
  },
)

test('a save that is overtaken by its retry and a deletion, and lives, says that the picture is gone', async () => {
  const slow = await world.startHost()
  const { owner, imageId, ending } = await overtake(slow, firstOf('variant'), () => {})
  expect(ending).toMatchObject({ ok: false })
  await expectGoneForGood(owner, imageId)
})

test('what was sent before a deletion, and is held up in the network until long after it, does not bring the picture back', async () => {
  const owner = createOwner()
  const { imageId } = await save(host, owner)
  const sent = (await keptOf(owner)).filter((key) => key.includes(imageId))
  expect(sent).toHaveLength(7)
  granted(await host.deleteImage(owner, imageId))
  await world.advance(hourMs)
  for (const Key of sent) await world.s3.send(new PutObjectCommand({ Bucket: world.bucketName, Key, Body: 'late' }))
  await expectGoneForGood(owner, imageId)
})

test('a deletion that is repeated erases at once what came after it', async () => {
  const slow = await world.startHost()
  const { owner, imageId } = await overtake(slow, firstOf('entry'), () => slow.killAfterWrites(0))
  granted(await other.deleteImage(owner, imageId))
  expect((await keptOf(owner)).filter((key) => !key.includes('!delete'))).toEqual([])
})

test('a deletion’s mark is left alone for 48 hours of store time', async () => {
  const owner = createOwner()
  const { imageId } = await save(host, owner)
  granted(await host.deleteImage(owner, imageId))
  await world.advance(48 * hourMs - 60_000)
  await host.sweep(owner)
  expect(await keptOf(owner)).toEqual([expect.stringContaining(`!delete.${imageId}`)])
  await world.advance(120_000)
  await host.sweep(owner)
  expect(await keptOf(owner)).toEqual([])
})

test('rule 8: more than a hundred pictures deleted within two days cost the gallery no third request', async () => {
  const owner = createOwner()
  const { imageId } = await save(host, owner)
  const marks = Array.from({ length: 150 }, (_, at) => imageId.slice(0, -3) + at.toString().padStart(3, '0'))
  for (const id of marks) {
    const Key = `users/${owner.uid}/v1/trail/a/!delete.${id}`
    await world.s3.send(new PutObjectCommand({ Bucket: world.bucketName, Key, Body: '', ContentLength: 0 }))
  }
  const before = other.sent.length
  const { images } = granted(await other.gallery(owner))
  expect(images.map((image) => [image.imageId, image.current])).toEqual([[imageId, true]])
  expect(other.sent.slice(before)).toHaveLength(2)
})

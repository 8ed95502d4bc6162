import { isDeepStrictEqual } from 'node:util'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Owner } from '@/lib/images/storage/image-ref'
import { keys } from '@/lib/images/storage/keys'
import { keptBesidesHistory, keptOf } from '@/lib/images/test-support/placed'
import { host, other, world } from '@/lib/images/test-support/shared-world'
import { Killed } from '@/lib/images/test-support/watched-client'
import {
  bytesAt,
  createOwner,
  createPicture,
  cropOf,
  draft,
  granted,
  type Host,
  hourMs,
  idsOf,
  imageIdOfSave,
  originalOf,
  save,
  upload,
} from '@/lib/images/test-support/world'
import type { Result } from '@/lib/result'

// A host may die at any point of a step, and another host retries the step. The clocks of the hosts are ten minutes slow
// and ten minutes fast, and one host's store ignores conditional requests (rules 1 and 11). See also killed cleanup in
// cleanup.contract.test.ts, bulk deletions in delete.contract.test.ts, and saves without the original in
// not-kept.contract.test.ts.

const tenMinutes = 10 * 60 * 1000
let slow: Host
let fast: Host

beforeAll(async () => {
  slow = await world.startHost({ skewMs: -tenMinutes, withoutConditions: true })
  fast = await world.startHost({ skewMs: tenMinutes })
})

/** An image as a person sees it. */
interface ShownImage {
  imageId: string
  alt: string
  current: boolean
}

const shown = (imageId: string, current: boolean, alt = ''): ShownImage => ({ imageId, alt, current })

/** Lists what a person sees, newest first, and expects that every image is complete. */
async function listShown(owner: Owner): Promise<ShownImage[]> {
  const { images } = granted(await slow.gallery(owner))
  const { image } = await fast.current(owner)
  expect(images.find(({ current }) => current)?.imageId).toBe(image?.imageId)
  const kept = new Set(await keptOf(owner))
  for (const { imageId, variants } of images) {
    expect(kept).toContain(keys.original(owner.uid, imageId))
    for (const { name } of variants) expect(kept).toContain(keys.variant(owner.uid, imageId, name))
  }
  return images.map(({ imageId, alt, current }) => ({ imageId, alt, current }))
}

/** Lists orphans: objects other than history, tombstones and those of images that the person sees. */
async function orphansOf(owner: Owner): Promise<string[]> {
  const visible = (await listShown(owner)).map(({ imageId }) => imageId)
  return (await keptBesidesHistory(owner)).filter(
    (key) => !key.includes('!deleted.') && !visible.some((imageId) => key.includes(imageId)),
  )
}

interface Step {
  name: string
  /** The number of its writes. */
  writes: number
  /** Whether it leaves objects to clean up if it is killed and never retried. */
  leaves?: true
  /** Prepares a person for the step. */
  prepare: (owner: Owner) => Promise<{
    run: (host: Host) => Promise<Result<unknown>>
    /** The images before the step has an effect. */
    before: ShownImage[]
    /** The images after the step. */
    after: ShownImage[]
    /** The images that may show in between. */
    between?: ShownImage[]
    /** Further checks after a successful retry. */
    check?: () => Promise<void>
  }>
}

/** Two saved images, the newer one current. */
async function savePair(owner: Owner) {
  const { imageId: older } = await save(host, owner, 1)
  const { imageId: newer } = await save(host, owner, 2)
  return { older, newer, before: [shown(newer, true), shown(older, false)] }
}

/** Deletes an image and erases the rest, which normally follows the response. */
const deleteOn = async (runner: Host, owner: Owner, imageId: string): Promise<Result<unknown>> => {
  const answer = await runner.deleteImage(owner, imageId)
  if (answer.ok) await runner.finishDeletions(answer.value)
  return answer
}

const steps: Step[] = [
  {
    name: 'rule 2: a crop',
    // Copy, four variants, manifest.
    writes: 6,
    prepare: async (owner) => {
      const uploadId = await upload(host, owner, await createPicture(1))
      const run = (runner: Host) => runner.cropUpload(owner, cropOf(uploadId))
      const check = async () => {
        const crop = granted(await run(host))
        const rendered = await Promise.all(crop.variants.map(({ url }) => bytesAt(url)))
        const saved = granted(await fast.saveImage(owner, idsOf(crop)))
        expect(await Promise.all(saved.variants.map(({ url }) => bytesAt(url)))).toEqual(rendered)
        expect(await bytesAt(originalOf(saved))).toEqual(await createPicture(1))
      }
      return { run, before: [], after: [], check }
    },
  },
  {
    name: 'rule 3: a save',
    // Five copies, entry, trail item.
    writes: 7,
    leaves: true,
    prepare: async (owner) => {
      const { imageId: before } = await save(host, owner, 1)
      const crop = await draft(host, owner, 2)
      const imageId = imageIdOfSave(owner, crop)
      const { seen } = await host.current(owner)
      return {
        run: (runner) => runner.saveImage(owner, { ...idsOf(crop), seen }),
        before: [shown(before, true)],
        between: [shown(imageId, false), shown(before, true)],
        after: [shown(imageId, true), shown(before, false)],
        // No duplicates: four variants, original, entry and trail item.
        check: async () => expect((await keptOf(owner)).filter((key) => key.includes(imageId))).toHaveLength(7),
      }
    },
  },
  {
    name: 'rule 5: a deletion of the current image',
    // Tombstone, variants, original, entry.
    writes: 4,
    leaves: true,
    prepare: async (owner) => {
      const { older, newer, before } = await savePair(owner)
      return { run: (runner) => deleteOn(runner, owner, newer), before, after: [shown(older, false)] }
    },
  },
  {
    name: 'rule 5: a deletion of another image',
    writes: 4,
    leaves: true,
    prepare: async (owner) => {
      const { older, newer, before } = await savePair(owner)
      return { run: (runner) => deleteOn(runner, owner, older), before, after: [shown(newer, true)] }
    },
  },
  {
    name: 'rule 9: cropping again',
    writes: 1,
    prepare: async (owner) => {
      const { newer, before } = await savePair(owner)
      const check = async () => {
        const { uploadId, recipe } = granted(await slow.recropImage(owner, newer))
        expect(recipe).toMatchObject({ area: cropOf('').area })
        const crop = granted(await fast.cropUpload(owner, cropOf(uploadId, 9)))
        expect(crop.source).toMatchObject({ width: 90, height: 70 })
      }
      return { run: (runner) => runner.recropImage(owner, newer), before, after: before, check }
    },
  },
  {
    name: 'rule 4: going back to an older image',
    writes: 1,
    prepare: async (owner) => {
      const { older, newer, before } = await savePair(owner)
      return {
        run: (runner) => runner.setCurrent(owner, older),
        before,
        after: [shown(newer, false), shown(older, true)],
      }
    },
  },
  {
    name: 'rule 4: choosing no image',
    writes: 1,
    prepare: async (owner) => {
      const { older, newer, before } = await savePair(owner)
      return {
        run: (runner) => runner.setCurrent(owner, null),
        before,
        after: [shown(newer, false), shown(older, false)],
      }
    },
  },
  {
    name: 'rule 12: a description',
    // The copy of the entry and the deletion of older revisions.
    writes: 2,
    prepare: async (owner) => {
      const { older, newer, before } = await savePair(owner)
      return {
        run: (runner) => runner.describeImage(owner, newer, 'me'),
        before,
        after: [shown(newer, true, 'me'), shown(older, false)],
        check: async () => expect(await world.keys(keys.entriesOfImage(owner.uid, newer))).toHaveLength(1),
      }
    },
  },
]

/**
 * Runs a step on a host that dies after the given number of writes. If these are all writes, it dies before the response
 * to the last one.
 * @returns whether the host died
 */
async function kill(step: (host: Host) => Promise<Result<unknown>>, after: number, all: number): Promise<boolean> {
  const [skewMs, withoutConditions] = after % 2 ? [tenMinutes, false] : [-tenMinutes, true]
  const doomed = await world.startHost({ skewMs, withoutConditions })
  if (after === all) doomed.killBeforeAnswer(all)
  else doomed.killAfterWrites(Math.min(after, all))
  const ending = await step(doomed).catch((error: unknown) => error)
  if (doomed.isDead()) expect(ending).toBeInstanceOf(Killed)
  else expect(ending).toMatchObject({ ok: true })
  return doomed.isDead()
}

const byName = (some: Step[]) => some.map((step) => [step.name, step] as const)

describe.each(byName(steps))('%s', (_name, { writes: all, prepare }) => {
  test('shows all or nothing after a kill at any write, and a retry completes it', async () => {
    for (let writes = 0; writes <= all + 1; writes += 1) {
      const at = `killed after ${writes}`
      const owner = createOwner()
      const { run, before, after, between = before, check } = await prepare(owner)
      const isKilled = await kill(run, writes, all)
      expect(isKilled, at).toBe(writes <= all)
      expect(isKilled ? [before, between, after] : [after], at).toContainEqual(await listShown(owner))

      // Retries late, or twice concurrently.
      if (writes % 3 === 2) await world.advance(hourMs)
      for (const answer of await Promise.all((writes % 2 ? [slow, fast] : [fast]).map(run))) {
        expect(answer, at).toMatchObject({ ok: true })
      }
      expect(await listShown(owner), at).toEqual(after)
      expect(await orphansOf(owner), at).toEqual([])
      await check?.()
    }
  })
})

describe.each(byName(steps.filter(({ leaves }) => leaves)))('%s', (_name, { writes: all, prepare }) => {
  test('rule 7: a visit two days later cleans up after a kill without a retry', async () => {
    const killed: { owner: Owner; seen: ShownImage[]; states: ShownImage[][] }[] = []
    for (let writes = 1; writes <= all; writes += 1) {
      const owner = createOwner()
      const { run, before, between = before, after } = await prepare(owner)
      await kill(run, writes, all)
      killed.push({ owner, seen: await listShown(owner), states: [before, between, after] })
    }
    await world.advance(48 * hourMs + 60_000)
    for (const [at, { owner, seen, states }] of killed.entries()) {
      await fast.visitGallery(owner)
      const end = await listShown(owner)
      expect(states, `killed after ${at + 1}`).toContainEqual(end)
      // Time and cleanup do not change what the person sees.
      expect(isDeepStrictEqual(end, seen), `killed after ${at + 1}`).toBe(true)
      expect(await orphansOf(owner), `killed after ${at + 1}`).toEqual([])
      expect((await keptOf(owner)).filter((key) => key.includes('!deleted.'))).toEqual([])
    }
  })
})

describe('rule 3: the entry commits a save', () => {
  test('does not save when killed before the entry', async () => {
    for (let writes = 0; writes < 6; writes += 1) {
      const owner = createOwner()
      const crop = await draft(host, owner)
      const doomed = await world.startHost()
      doomed.killAfterWrites(writes)
      await expect(doomed.saveImage(owner, idsOf(crop))).rejects.toThrow(Killed)
      expect(await listShown(owner)).toEqual([])
      expect(await other.readImage(owner, imageIdOfSave(owner, crop))).toEqual({ ok: false, code: 'not_found' })
    }
  })

  test('saves when killed after the entry, and the retry adds the trail item', async () => {
    const owner = createOwner()
    const crop = await draft(host, owner)
    const imageId = imageIdOfSave(owner, crop)
    const doomed = await world.startHost()
    doomed.killAfterWrites(6)
    await expect(doomed.saveImage(owner, idsOf(crop))).rejects.toThrow(Killed)
    expect(await listShown(owner)).toEqual([shown(imageId, false)])
    expect(await world.keys(keys.trail(owner.uid, host.avatars))).toEqual([])
    // The retry works even after the draft has expired.
    await world.advance(60 * hourMs)
    const before = other.written().length
    expect(granted(await other.saveImage(owner, { ...idsOf(crop), seen: null }))).toMatchObject({
      imageId,
      current: true,
    })
    expect(other.written()).toHaveLength(before + 1)
    expect(await listShown(owner)).toEqual([shown(imageId, true)])
  })

  test('saves when killed before the response to the entry, with no second entry', async () => {
    const owner = createOwner()
    const crop = await draft(host, owner)
    const doomed = await world.startHost()
    doomed.killBeforeAnswer(6)
    await expect(doomed.saveImage(owner, idsOf(crop))).rejects.toThrow(Killed)
    const before = other.written().length
    granted(await other.saveImage(owner, idsOf(crop)))
    expect(other.written().slice(before)).toMatchObject([{ command: 'PutObject' }])
    expect(await listShown(owner)).toEqual([shown(imageIdOfSave(owner, crop), true)])
  })
})

test('rule 4: the retry of a killed, overtaken save saves without becoming current', async () => {
  for (let writes = 0; writes < 7; writes += 1) {
    const at = `killed after ${writes}`
    const owner = createOwner()
    const crop = await draft(host, owner, 2)
    const imageId = imageIdOfSave(owner, crop)
    const next = await draft(host, owner, 3)
    const doomed = await world.startHost()
    doomed.killAfterWrites(writes)
    await expect(doomed.saveImage(owner, { ...idsOf(crop), seen: null })).rejects.toThrow(Killed)
    const { imageId: later } = granted(await host.saveImage(owner, idsOf(next)))
    expect(await listShown(owner), at).toContainEqual(shown(later, true))
    const retried = granted(await other.saveImage(owner, { ...idsOf(crop), seen: null }))
    expect([retried.imageId, retried.current], at).toEqual([imageId, false])
    expect(await listShown(owner), at).toEqual([shown(later, true), shown(imageId, false)])
  }
})

test('a description killed between its writes leaves one image with the new text', async () => {
  const owner = createOwner()
  const { imageId: first } = await save(host, owner, 1)
  const { imageId } = await save(host, owner, 2)
  granted(await host.describeImage(owner, imageId, 'the older text'))
  const doomed = await world.startHost()
  doomed.killAfterWrites(1)
  await expect(doomed.describeImage(owner, imageId, 'the newer text')).rejects.toThrow(Killed)
  expect(await world.keys(keys.entriesOfImage(owner.uid, imageId))).toHaveLength(2)
  const { images } = granted(await other.gallery(owner))
  expect(images.map(({ imageId: id, alt }) => [id, alt])).toEqual([
    [imageId, 'the newer text'],
    [first, ''],
  ])
  granted(await other.describeImage(owner, imageId, 'the newest text'))
  expect(await world.keys(keys.entriesOfImage(owner.uid, imageId))).toHaveLength(1)
})

// Two crops of one upload. The save of one starts first, pauses before its entry while the other is saved, then dies.
test.each([
  ['first', 0],
  ['last', 1],
])('rule 3: keeps the save of the crop listed %s when the other one dies', async (_name, which) => {
  const owner = createOwner()
  const uploadId = await upload(host, owner, await createPicture(1))
  const crops = [
    granted(await host.cropUpload(owner, cropOf(uploadId, 0))),
    granted(await host.cropUpload(owner, cropOf(uploadId, 20))),
  ].toSorted((one, two) => (imageIdOfSave(owner, one) < imageIdOfSave(owner, two) ? -1 : 1))
  const [kept, dying] = which === 0 ? crops : crops.toReversed()
  if (!kept || !dying) throw new Error('expected two crops')
  const doomed = await world.startHost()
  doomed.hooks.before = async ({ keys: [key = ''] }) => {
    if (!key.includes(`/entries/${imageIdOfSave(owner, dying)}`)) return
    delete doomed.hooks.before
    granted(await other.saveImage(owner, idsOf(kept)))
    // Completes this write, then dies.
    doomed.killAfterWrites(0)
  }
  await expect(doomed.saveImage(owner, { ...idsOf(dying), seen: null })).rejects.toThrow(Killed)
  const expected = crops.map((crop) => shown(imageIdOfSave(owner, crop), crop === kept))
  expect(await listShown(owner)).toEqual(expected)
  for (const crop of crops) {
    const again = granted(await other.saveImage(owner, { ...idsOf(crop), seen: null }))
    expect(again).toMatchObject({ imageId: imageIdOfSave(owner, crop), current: crop === kept })
  }
  expect(await listShown(owner)).toEqual(expected)
})

test('rule 5: leaves no deleted image current when a killed choice races a deletion', async () => {
  const owner = createOwner()
  const { imageId: kept } = await save(host, owner, 1)
  const { imageId } = await save(host, owner, 2)
  granted(await host.setCurrent(owner, kept))
  const doomed = await world.startHost()
  doomed.hooks.before = async ({ command }) => {
    if (command !== 'PutObject') return
    delete doomed.hooks.before
    granted(await deleteOn(other, owner, imageId))
    throw new Killed()
  }
  await expect(doomed.setCurrent(owner, imageId)).rejects.toThrow(Killed)
  expect(await listShown(owner)).toEqual([shown(kept, true)])
})

test('rule 5: a killed save with a killed deletion never comes back', async () => {
  const owner = createOwner()
  const crop = await draft(host, owner)
  const imageId = imageIdOfSave(owner, crop)
  const doomed = await world.startHost()
  doomed.killAfterWrites(6)
  await expect(doomed.saveImage(owner, idsOf(crop))).rejects.toThrow(Killed)
  const deleting = await world.startHost()
  deleting.killAfterWrites(1)
  await expect(deleting.deleteImage(owner, imageId)).rejects.toThrow(Killed)
  for (const hours of [0, 1, 46.5]) {
    await world.advance(hours * hourMs)
    for (const runner of [fast, slow]) {
      expect(await runner.saveImage(owner, idsOf(crop))).toEqual({ ok: false, code: 'deleted' })
    }
    expect(await listShown(owner)).toEqual([])
  }
  granted(await deleteOn(host, owner, imageId))
  await world.advance(48 * hourMs + 60_000)
  await fast.visitGallery(owner)
  expect(await keptBesidesHistory(owner)).toEqual([])
})

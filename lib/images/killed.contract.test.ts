import { isDeepStrictEqual } from 'node:util'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Result } from './errors'
import type { Owner } from './owner'
import { host, other, world } from './shared-world.test-support'
import { Killed } from './watched-client.test-support'
import {
  bytesAt,
  createOwner,
  createPicture,
  cropOf,
  draft,
  granted,
  type Host,
  hourMs,
  originalOf,
  save,
  upload,
} from './world.test-support'

// Contract, rules of the flows: each step may be killed at any point and retried on another host. Here the hosts'
// clocks are ten minutes apart from the store's, to either side, and one of them takes the store for one that does not
// know conditional requests (rules 1 and 9).

const tenMinutes = 10 * 60 * 1000
let slow: Host
let fast: Host

beforeAll(async () => {
  slow = await world.startHost({ skewMs: -tenMinutes, withoutConditions: true })
  fast = await world.startHost({ skewMs: tenMinutes })
})

/** What a person sees, the newest first. */
interface Seen {
  imageId: string
  alt: string
  current: boolean
}

const shown = (imageId: string, current: boolean, alt = ''): Seen => ({ imageId, alt, current })

/** What a person sees on any host; all of it has to be whole. */
async function look(owner: Owner): Promise<Seen[]> {
  const { images } = granted(await slow.gallery(owner))
  const { picture } = await fast.current(owner)
  expect(images.find(({ current }) => current)?.imageId).toBe(picture?.imageId)
  const kept = new Set(await keptOf(owner))
  for (const { imageId, cropId, variants } of images) {
    const below = `${owner.uid}/v1/images/${imageId}/${cropId}`
    expect(kept).toContain(`users/${below}/original`)
    expect(kept).toContain(`users/${below}/recipe.json`)
    for (const { name } of variants) expect(kept).toContain(`media/${owner.uid}/${imageId}/${cropId}/${name}.webp`)
  }
  return images.map(({ imageId, alt, current }) => ({ imageId, alt, current }))
}

const keptOf = async (owner: Owner) =>
  (await Promise.all([world.keys(`users/${owner.uid}/`), world.keys(`media/${owner.uid}/`)])).flat()

/** What is kept of a person, and is neither the trail's history, nor a deletion's mark, nor of a picture that they see. */
async function leftoversOf(owner: Owner): Promise<string[]> {
  const seen = (await look(owner)).map(({ imageId }) => imageId)
  return (await keptOf(owner)).filter(
    (key) => !/\/trail\/a\/([0-9a-v]{20}|!delete)\./.test(key) && !seen.some((imageId) => key.includes(imageId)),
  )
}

const belowOf = async (owner: Owner, imageId: string) => (await keptOf(owner)).filter((key) => key.includes(imageId))

/** A step that is to be killed. */
interface Step {
  name: string
  /** How often it writes. */
  writes: number
  /** Whether it marks what it has begun: what is left of it is cleared when it is never tried again. */
  leaves?: true
  /** Brings somebody to where the step is next. */
  prepare: (owner: Owner) => Promise<{
    run: (host: Host) => Promise<Result<unknown>>
    /** What is seen unless the step is done. */
    before: Seen[]
    /** What is seen once it is. */
    after: Seen[]
    /** What else holds when it was tried again to its end. */
    check?: () => Promise<void>
  }>
}

/** Two saved pictures, the newer one current. */
async function savePair(owner: Owner) {
  const { imageId: older } = await save(host, owner, 1)
  const { imageId: newer } = await save(host, owner, 2)
  return { older, newer, before: [shown(newer, true), shown(older, false)] }
}

const steps: Step[] = [
  {
    name: 'rule 2: a crop',
    writes: 6,
    prepare: async (owner) => {
      const imageId = await upload(host, owner, await createPicture(1))
      const run = (on: Host) => on.cropUpload(owner, cropOf(imageId))
      const check = async () => {
        const { cropId, variants } = granted(await run(host))
        const drawn = await Promise.all(variants.map(({ url }) => bytesAt(url)))
        const saved = granted(await fast.saveImage(owner, { imageId, cropId }))
        expect(await Promise.all(saved.variants.map(({ url }) => bytesAt(url)))).toEqual(drawn)
        expect(await bytesAt(originalOf(saved))).toEqual(await createPicture(1))
      }
      return { run, before: [], after: [], check }
    },
  },
  {
    name: 'rule 3: a save',
    // Mark, vote, five copies, recipe, trail, entry, and the mark taken back.
    writes: 11,
    leaves: true,
    prepare: async (owner) => {
      const { imageId: before } = await save(host, owner, 1)
      const { imageId, cropId } = await draft(host, owner, 2)
      const { seen } = await host.current(owner)
      return {
        run: (on) => on.saveImage(owner, { imageId, cropId, seen }),
        before: [shown(before, true)],
        after: [shown(imageId, true), shown(before, false)],
        // Nothing twice: entry, trail item, original and recipe, and the variants.
        check: async () => expect(await belowOf(owner, imageId)).toHaveLength(8),
      }
    },
  },
  {
    name: 'rule 5: a deletion of the current picture',
    // Tombstone, mark, trail, entry, objects.
    writes: 5,
    leaves: true,
    prepare: async (owner) => {
      const { older, newer, before } = await savePair(owner)
      return { run: (on) => on.deleteImage(owner, newer), before, after: [shown(older, false)] }
    },
  },
  {
    name: 'rule 5: a deletion of another picture',
    writes: 4,
    leaves: true,
    prepare: async (owner) => {
      const { older, newer, before } = await savePair(owner)
      return { run: (on) => on.deleteImage(owner, older), before, after: [shown(newer, true)] }
    },
  },
  {
    name: 'rule 7: a recrop',
    writes: 2,
    prepare: async (owner) => {
      const { newer, before } = await savePair(owner)
      const check = async () => {
        const { imageId } = granted(await slow.recropImage(owner, newer))
        expect(granted(await fast.openUpload(owner, imageId, null)).recipe).toMatchObject({ area: cropOf('').area })
      }
      return { run: (on) => on.recropImage(owner, newer), before, after: before, check }
    },
  },
  {
    name: 'going back to an older picture',
    writes: 3,
    leaves: true,
    prepare: async (owner) => {
      const { older, newer, before } = await savePair(owner)
      return { run: (on) => on.setCurrent(owner, older), before, after: [shown(newer, false), shown(older, true)] }
    },
  },
  {
    name: 'choosing no picture',
    writes: 1,
    prepare: async (owner) => {
      const { older, newer, before } = await savePair(owner)
      return { run: (on) => on.setCurrent(owner, null), before, after: [shown(newer, false), shown(older, false)] }
    },
  },
  {
    name: 'a description',
    writes: 2,
    prepare: async (owner) => {
      const { older, newer, before } = await savePair(owner)
      return {
        run: (on) => on.describeImage(owner, newer, 'me'),
        before,
        after: [shown(newer, true, 'me'), shown(older, false)],
      }
    },
  },
]

/**
 * Runs a step on a host that dies before its next write after so many, or, where these are all, before it hears of the
 * last one. @returns whether it died
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

const named = (some: Step[]) => some.map((step) => [step.name, step] as const)

describe.each(named(steps))('%s', (_name, { writes: all, prepare }) => {
  test('killed after each of its writes shows all or nothing, and tried again on other hosts is complete', async () => {
    for (let writes = 0; writes <= all + 1; writes += 1) {
      const at = `killed after ${writes}`
      const owner = createOwner()
      const { run, before, after, check } = await prepare(owner)
      const isKilled = await kill(run, writes, all)
      expect(isKilled, at).toBe(writes <= all)
      // What a deletion has begun may show already: the picture is current no more.
      const half = before.map((picture) => ({ ...picture, current: false }))
      expect(isKilled ? [before, after, half] : [after], at).toContainEqual(await look(owner))

      // Late, or twice at once.
      if (writes % 3 === 2) await world.advance(hourMs)
      for (const answer of await Promise.all((writes % 2 ? [slow, fast] : [fast]).map(run))) {
        expect(answer, at).toMatchObject({ ok: true })
      }
      expect(await look(owner), at).toEqual(after)
      expect(await leftoversOf(owner), at).toEqual([])
      await check?.()
    }
  })
})

describe.each(named(steps.filter(({ leaves }) => leaves)))('%s', (_name, { writes: all, prepare }) => {
  test('rule 6: killed and never tried again leaves nothing once the gallery was opened two days later', async () => {
    const left: { owner: Owner; half: Seen[]; ends: Seen[][] }[] = []
    for (let writes = 1; writes <= all; writes += 1) {
      const owner = createOwner()
      const { run, before, after } = await prepare(owner)
      await kill(run, writes, all)
      left.push({ owner, half: await look(owner), ends: [before, after] })
    }
    await world.advance(48 * hourMs + 1000)
    for (const [at, { owner, half, ends }] of left.entries()) {
      await fast.sweep(owner)
      const end = await look(owner)
      expect(ends, `killed after ${at + 1}`).toContainEqual(end)
      // What was seen to be done stays done.
      if (isDeepStrictEqual(half, ends[1])) expect(end).toEqual(half)
      expect(await leftoversOf(owner), `killed after ${at + 1}`).toEqual([])
      expect((await keptOf(owner)).filter((key) => key.includes('!'))).toEqual([])
    }
  })
})

test.each([0, 1, 7, 8, 9, 10])(
  'rule 4: a save killed after %d of its writes and overtaken by another is saved when it is tried again, but not current',
  async (writes) => {
    const owner = createOwner()
    const { imageId, cropId } = await draft(host, owner, 2)
    const next = await draft(host, owner, 3)
    const doomed = await world.startHost()
    doomed.killAfterWrites(writes)
    await expect(doomed.saveImage(owner, { imageId, cropId, seen: null })).rejects.toThrow(Killed)
    const { imageId: later } = granted(await host.saveImage(owner, { imageId: next.imageId, cropId: next.cropId }))
    expect(await look(owner)).toContainEqual(shown(later, true))
    expect(granted(await other.saveImage(owner, { imageId, cropId, seen: null })).current).toBe(false)
    expect(await look(owner)).toEqual([shown(later, true), shown(imageId, false)])
    expect((await belowOf(owner, imageId)).filter((key) => key.includes('!'))).toEqual([])
  },
)

test('rule 5: a deletion of what never was is refused', async () => {
  const owner = createOwner()
  const { imageId } = await draft(host, owner)
  expect(await host.deleteImage(owner, imageId)).toEqual({ ok: false, code: 'not_found' })
})

test.each([
  ['its mark', 1, 0],
  // Too long ago for its crop to be saved: that is not what is told.
  ['its mark, long ago', 1, 47.5],
  ['its entry', 10, 0],
])(
  'rule 5: a save killed after %s, whose deletion is killed after its tombstone, stays away',
  async (_, writes, hours) => {
    const owner = createOwner()
    const { imageId, cropId } = await draft(host, owner)
    const doomed = await world.startHost()
    doomed.killAfterWrites(writes)
    await expect(doomed.saveImage(owner, { imageId, cropId })).rejects.toThrow(Killed)
    const deleting = await world.startHost()
    deleting.killAfterWrites(1)
    await expect(deleting.deleteImage(owner, imageId)).rejects.toThrow(Killed)

    await world.advance(hours * hourMs)
    for (const on of [fast, slow]) {
      expect(await on.saveImage(owner, { imageId, cropId })).toEqual({ ok: false, code: 'not_found' })
    }
    granted(await host.deleteImage(owner, imageId))
    await world.advance(48 * hourMs + 1000)
    await fast.sweep(owner)
    expect(await leftoversOf(owner)).toEqual([])
  },
)

test('a description killed between its two writes leaves one picture, with the new text', async () => {
  const owner = createOwner()
  const { imageId: first } = await save(host, owner, 1)
  const { imageId } = await save(host, owner, 2)
  granted(await host.describeImage(owner, imageId, 'the older text'))
  const doomed = await world.startHost()
  doomed.killAfterWrites(1)
  await world.advance(2000)
  await expect(doomed.describeImage(owner, imageId, 'the newer text')).rejects.toThrow(Killed)
  const { images } = granted(await other.gallery(owner))
  expect(images.map(({ imageId: id, alt }) => [id, alt])).toEqual([
    [imageId, 'the newer text'],
    [first, ''],
  ])

  // On small pages too, where a page may end between the two names.
  const small: string[] = []
  let cursor: string | null = null
  do {
    const page: { images: { imageId: string; alt: string }[]; nextCursor: string | null } = granted(
      await other.gallery(owner, { cursor, limit: 1 }),
    )
    small.push(...page.images.map(({ alt }) => alt))
    cursor = page.nextCursor
  } while (cursor)
  expect(small).toEqual(['the newer text', ''])

  granted(await other.describeImage(owner, imageId, 'the newest text'))
  expect(await world.keys(`users/${owner.uid}/v1/entries/${imageId}`)).toHaveLength(1)
})

/**
 * Two crops of one upload: one is saved and acknowledged while the other, which began before, stands right before
 * its last write, makes that write, and is killed.
 */
test.each(['that is listed later', 'that is listed first', 'that was made later'])(
  'rule 3: an acknowledged save is not lost to another crop, %s, that is killed beside it',
  async (which) => {
    const owner = createOwner()
    const imageId = await upload(host, owner, await createPicture(1))
    const first = granted(await host.cropUpload(owner, cropOf(imageId, 0))).cropId
    await world.advance(2000)
    const second = granted(await host.cropUpload(owner, cropOf(imageId, 20))).cropId
    const [lower, higher] = [first, second].toSorted() as [string, string]
    const [kept, lost] = {
      'that is listed later': [lower, higher],
      'that is listed first': [higher, lower],
      'that was made later': [first, second],
    }[which] as [string, string]
    const doomed = await world.startHost()
    let isSaved = false
    doomed.hooks.before = async ({ keys }) => {
      if (isSaved || !keys[0]?.includes('/entries/') || !keys[0].includes(lost)) return
      isSaved = true
      expect(granted(await other.saveImage(owner, { imageId, cropId: kept })).cropId).toBe(kept)
      doomed.killAfterWrites(0)
    }
    await expect(doomed.saveImage(owner, { imageId, cropId: lost })).rejects.toThrow(Killed)

    const { images } = granted(await other.gallery(owner))
    expect(images.map(({ cropId, current }) => [cropId, current])).toEqual([[kept, true]])
    // The other one's item may be the newer one, and its entry stands.
    expect((await other.current(owner)).picture?.cropId).toBe(kept)
    expect(await other.saveImage(owner, { imageId, cropId: kept })).toMatchObject({ ok: true, value: { cropId: kept } })
    expect(await other.saveImage(owner, { imageId, cropId: lost })).toEqual({ ok: false, code: 'already_saved' })
  },
)

test('rule 5: a choice that races a deletion, and is killed, leaves no deleted picture current', async () => {
  const owner = createOwner()
  const { imageId: kept } = await save(host, owner, 1)
  const { imageId } = await save(host, owner, 2)
  granted(await host.setCurrent(owner, kept))
  const doomed = await world.startHost()
  doomed.hooks.before = async ({ command }) => {
    if (command !== 'PutObject') return
    granted(await other.deleteImage(owner, imageId))
    doomed.killAfterWrites(0)
  }
  await expect(doomed.setCurrent(owner, imageId)).rejects.toThrow(Killed)
  expect((await other.current(owner)).picture?.imageId ?? null).not.toBe(imageId)
})

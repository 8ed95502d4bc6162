import { beforeEach, expect, test, vi } from 'vitest'
import { seededRandom } from '@/chaos/random'
import { deleteObjects, putObject } from '@/lib/s3/objects'
import type { Addressed } from './addressed'
import { agree, joinAgreement } from './agreement'
import { entryKey } from './keys'
import type { SaveName } from './trail'

// The rounds alone, on a store in memory that answers in any order: many more interleavings than a real one shows.

const world = vi.hoisted(() => ({
  keys: new Set<string>(),
  /** What waits for its turn. */
  turns: [] as (() => void)[],
}))

vi.mock('@/lib/s3/objects', () => {
  /** What is asked takes effect at some moment, and is heard of at a later one. */
  const whenItsTurnComes = async <T>(effect: () => T): Promise<T> => {
    await new Promise<void>((resolve) => world.turns.push(resolve))
    const result = effect()
    await new Promise<void>((resolve) => world.turns.push(resolve))
    return result
  }
  const list = (prefix: string) =>
    [...world.keys]
      .filter((key) => key.startsWith(prefix))
      .toSorted()
      .map((key) => ({ key, size: 0, lastModified: new Date(0) }))
  return {
    putObject: (_bucket: unknown, key: string) => whenItsTurnComes(() => void world.keys.add(key)),
    deleteObjects: (_bucket: unknown, keys: string[]) =>
      whenItsTurnComes(() => {
        for (const key of keys) world.keys.delete(key)
      }),
    listAllObjects: (_bucket: unknown, prefix: string) => whenItsTurnComes(() => list(prefix)),
    listObjects: (_bucket: unknown, prefix: string) =>
      whenItsTurnComes(() => ({ objects: list(prefix), nextToken: null })),
  }
})
vi.mock('node:timers/promises', () => ({
  setTimeout: () => new Promise<void>((resolve) => world.turns.push(resolve)),
}))

const imageId = `a${'0'.repeat(26)}`
const uid = '0'.repeat(32)
const image = { uid, imageId, bucket: {}, collection: {} } as unknown as Addressed

const saveOf = (crop: number, keepsOriginal = true): SaveName => ({
  imageId,
  cropId: String(crop).padStart(32, '0'),
  keepsOriginal,
})
const entryOf = ({ cropId, keepsOriginal }: SaveName) =>
  entryKey(uid, { imageId, cropId, format: 'jpg', flags: keepsOriginal ? '' : 'o', savedAt: null, alt: '' })

/** A try of a save, as `commit` makes it. */
async function attempt(own: SaveName): Promise<SaveName | null> {
  await joinAgreement(image, own)
  const agreed = await agree(image, own, () =>
    putObject(image.bucket, entryOf(own), '', { contentType: 'application/octet-stream' }),
  )
  if (agreed && agreed.cropId + agreed.keepsOriginal !== own.cropId + own.keepsOriginal) {
    await deleteObjects(image.bucket, [entryOf(own)])
  }
  return agreed
}

/** One of those who wait, chosen by the seed, once whatever goes on by itself has done so. */
async function nextTurn(random: () => number): Promise<(() => void) | undefined> {
  await new Promise((resolve) => setImmediate(resolve))
  return world.turns.splice(Math.floor(random() * world.turns.length), 1)[0]
}

/** Lets so many go on, one after the other, or all until nobody waits. */
async function run(random: () => number, steps = Number.POSITIVE_INFINITY): Promise<void> {
  for (let step = 0; step < steps; step += 1) {
    const turn = await nextTurn(random)
    if (!turn) return
    turn()
  }
}

beforeEach(() => {
  world.keys = new Set()
  world.turns = []
})

test('all that ever come to an agreement come to the same one, and its entry stands', async () => {
  let agreements = 0
  for (let seed = 0; seed < 1500; seed += 1) {
    world.keys = new Set()
    world.turns = []
    const random = seededRandom(seed)
    const saves = [saveOf(1), saveOf(1), saveOf(2), saveOf(2), saveOf(random() < 0.5 ? 3 : 1, random() < 0.5)]
    const agreed: SaveName[] = []
    for (const own of saves) {
      void attempt(own).then((outcome) => outcome && agreed.push(outcome))
      // Some come at once, some later; and one that waits may die: it never goes on.
      await run(random, Math.floor(random() * 30))
      if (random() < 0.25) await nextTurn(random)
    }
    await run(random)
    const names = new Set(agreed.map(({ cropId, keepsOriginal }) => `${cropId} ${keepsOriginal}`))
    expect(names.size, `seed ${seed}`).toBeLessThanOrEqual(1)
    agreements += agreed.length
    const [one] = agreed
    if (one) expect([...world.keys], `seed ${seed}`).toContain(entryOf(one))
  }
  // Else nothing is shown here.
  expect(agreements).toBeGreaterThan(1500)
})

test('who comes alone agrees with themselves, whatever those who were killed have left', async () => {
  for (let seed = 0; seed < 300; seed += 1) {
    world.keys = new Set()
    world.turns = []
    const random = seededRandom(seed)
    for (const own of [saveOf(1), saveOf(2), saveOf(3)]) void attempt(own)
    await run(random, Math.floor(random() * 60))
    world.turns = []
    let outcome: SaveName | null = null
    void attempt(saveOf(4)).then((agreed) => {
      outcome = agreed
    })
    await run(random)
    expect(outcome, `seed ${seed}`).toBeTruthy()
    expect([...world.keys], `seed ${seed}`).toContain(entryOf(outcome as unknown as SaveName))
  }
})

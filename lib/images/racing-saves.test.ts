import { beforeAll, expect, test, vi } from 'vitest'
import { seededRandom } from '@/chaos/random'
import { describeImage } from './alt-text'
import { type Collection, findCollection } from './collections'
import { loadTrail, readCurrent, setCurrentImage } from './current'
import { listGallery } from './gallery'
import { createImageId } from './image-id'
import { keys } from './keys'
import type { Manifest } from './manifest'
import { readImage } from './read-image'
import { saveImage } from './save'
import { begin, clock, keysBelow, objects, place, type Running, reset, run } from './stepped-store.test-support'
import { sweepLeftovers } from './sweep'
import { readTrail } from './trail'

// Whole saves of different crops of one upload, raced, killed anywhere, and repeated until they are answered, as pages
// do: on a store in memory that answers in any order, many more interleavings than chaos shows.

vi.mock('@/lib/s3/objects', () => import('./stepped-store.test-support'))
vi.mock('node:timers/promises', async () => ({
  setTimeout: (await import('./stepped-store.test-support')).waitForTurn,
}))
vi.mock('./buckets', async () => {
  const { clock } = await import('./stepped-store.test-support')
  return { bucketOf: () => ({ name: 'bucket', clock }) }
})
vi.mock('@/lib/s3/presign', () => ({ presignGet: async (_bucket: unknown, key: string) => `http://store/${key}` }))

const hourMs = 60 * 60 * 1000
const avatars = findCollection('avatars') as Collection
const owner = { uid: '0'.repeat(32) }

beforeAll(() => {
  const variables = {
    APP_ORIGIN: 'http://localhost:3000',
    AWS_REGION: 'us-east-1',
    S3_BUCKET: 'bucket',
    AUTH_MODE: 'guest',
    SESSION_SECRETS: 's'.repeat(32),
  }
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value)
})

interface Choice {
  cropId: string
  keepOriginal: boolean
}

/** Steps 1 and 2, done: an upload with so many crops. */
function draft(crops: number): { imageId: string; cropIds: string[] } {
  const imageId = createImageId(owner.uid, avatars, clock.now())
  const cropIds = Array.from({ length: crops }, (_, crop) => String(crop + 1).padStart(32, '0'))
  place(keys.upload(owner.uid, imageId))
  place(keys.workingCopy(owner.uid, imageId, 'e'))
  for (const cropId of cropIds) {
    const manifest: Manifest = {
      imageId,
      cropId,
      recipe: { area: { x: 0, y: 0, width: 9, height: 9 }, rotate: 0, flip: { horizontal: false, vertical: false } },
      source: { width: 9, height: 9, etag: 'e', format: 'png' },
      isAnimated: false,
      variants: avatars.variants.map((variant) => ({ ...variant, bytes: 1 })),
    }
    for (const { name } of avatars.variants) place(keys.draftVariant(owner.uid, imageId, cropId, name))
    place(keys.manifest(owner.uid, imageId, cropId), JSON.stringify(manifest))
  }
  return { imageId, cropIds }
}

type Answer = Awaited<ReturnType<typeof saveImage>>

/** A page that saves, and asks again while it has no answer; what it asked before may be at work still. */
class Page {
  answer: Answer | null = null
  tries: Running<void>[] = []

  constructor(
    private readonly imageId: string,
    readonly choice: Choice,
  ) {}

  ask(): void {
    const request = { imageId: this.imageId, ...this.choice }
    this.tries.push(
      begin(async () => {
        const answer = await saveImage(owner, request)
        if (!this.answer && (answer.ok || answer.code !== 'busy')) this.answer = answer
      }),
    )
  }
}

test('of racing saves one crop is acknowledged, and stays, and all others are told so, whoever is killed where', async () => {
  let kills = 0
  for (let seed = 0; seed < 400; seed += 1) {
    reset()
    const random = seededRandom(seed)
    const { imageId, cropIds } = draft(random() < 0.7 ? 2 : 3)
    const pages = [...cropIds, ...cropIds.filter(() => random() < 0.4)].map(
      (cropId) => new Page(imageId, { cropId, keepOriginal: random() < 0.6 }),
    )
    const clicks: Running<unknown>[] = []
    const unanswered = () => pages.filter(({ answer }) => !answer)
    for (let round = 0; unanswered().length > 0; round += 1) {
      expect(round, `seed ${seed}: stuck`).toBeLessThan(60)
      for (const page of unanswered().filter(() => random() < 0.7)) {
        page.ask()
        await run(random, Math.floor(random() * 20))
      }
      await run(random, Math.floor(random() * 200))
      // Meanwhile somebody sees the picture in the gallery, makes it current, describes it.
      if (random() < 0.3) clicks.push(begin(() => setCurrentImage(owner, avatars, imageId)))
      if (random() < 0.2) clicks.push(begin(() => describeImage(owner, imageId, `text ${round}`)))
      if (random() < 0.5) await run(random, Math.floor(random() * 60))
      // The first ones die often, so that it goes on from all kinds of ruins; then there is peace.
      for (const click of clicks.slice(-2).filter(() => random() < 0.3)) click.kill(random() < 0.5)
      for (const { tries } of pages) {
        for (const one of tries.slice(-2).filter(() => round < 5 && random() < 0.7)) {
          one.kill(random() < 0.5)
          kills += 1
        }
      }
      // Some are given up while they are at work.
      await run(random, random() < 0.3 ? Math.floor(random() * 100) : Number.POSITIVE_INFINITY)
    }

    const at = `seed ${seed}: ${JSON.stringify(pages.map(({ choice, answer }) => [choice, answer && (answer.ok || answer.code)]))}`
    const [winner, ...others] = new Set(pages.flatMap(({ answer, choice }) => (answer?.ok ? [choice.cropId] : [])))
    expect(winner, at).toBeDefined()
    expect(others, at).toEqual([])
    for (const { choice, answer } of pages) {
      if (choice.cropId === winner) expect(answer?.ok, at).toBe(true)
      else expect(answer, at).toMatchObject({ ok: false, code: 'already_saved' })
    }
    await expectWhole(imageId, winner as string, random, at)
    // Those who were given up come to their end.
    await run(random)
    await expectWhole(imageId, winner as string, random, at)

    await expireDrafts()
    await amid(random, async () => sweepLeftovers(owner, avatars, await readTrail({} as never, owner.uid, avatars)))
    await expectWhole(imageId, winner as string, random, `${at}, swept`)
    const kept = [...keysBelow('users/'), ...keysBelow('media/')].filter((key) => !key.includes(winner as string))
    expect(kept, `${at}, swept`).toEqual([])
    expect(keysBelow(`${keys.trail(owner.uid, avatars)}!`), `${at}, swept`).toEqual([])
  }
  // Else little is shown here.
  expect(kills).toBeGreaterThan(400)
})

/** What is acknowledged is shown, with all that belongs to it. */
async function expectWhole(imageId: string, winner: string, random: () => number, at: string): Promise<void> {
  const shown = await amid(random, () => readImage(owner, imageId))
  expect(shown, at).toMatchObject({ ok: true, value: { cropId: winner, current: true } })
  const { picture } = await amid(random, async () => readCurrent(owner, avatars, await loadTrail(owner, avatars)))
  expect(picture, at).toMatchObject({ imageId, cropId: winner })
  const gallery = await amid(random, () =>
    listGallery(owner, avatars, loadTrail(owner, avatars), { cursor: null, limit: 24 }),
  )
  expect(gallery, at).toMatchObject({ ok: true, value: { images: [{ imageId, cropId: winner, current: true }] } })
  for (const { name } of avatars.variants)
    expect(objects.has(keys.variant(owner.uid, imageId, winner, name)), at).toBe(true)
  if (!shown.ok) return
  const original = keys.original(owner.uid, imageId, winner)
  if (shown.value.original) expect(objects.has(original), at).toBe(true)
}

/** Runs something to its end; those who are at work still go on beside it, as far as they come. */
async function amid<T>(random: () => number, work: () => Promise<T>): Promise<T> {
  const { ended } = begin(work)
  let isOver = false
  void ended.finally(() => {
    isOver = true
  })
  while (!isOver) await run(random, 1)
  return ended
}

async function expireDrafts(): Promise<void> {
  clock.nowMs += 49 * hourMs
  for (const key of [...keysBelow('incoming/'), ...keysBelow('drafts/')]) objects.delete(key)
}

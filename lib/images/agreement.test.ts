import { expect, test, vi } from 'vitest'
import { seededRandom } from '@/chaos/random'
import { deleteObjects, putObject } from '@/lib/s3/objects'
import type { Addressed } from './addressed'
import { agree, joinAgreement } from './agreement'
import { entryKey, keys } from './keys'
import { begin, keysBelow, place, reset, run } from './stepped-store.test-support'
import type { SaveName } from './trail'

// The rounds alone, on a store in memory that answers in any order: many more interleavings than a real one shows.

vi.mock('@/lib/s3/objects', () => import('./stepped-store.test-support'))
vi.mock('node:timers/promises', async () => ({
  setTimeout: (await import('./stepped-store.test-support')).waitForTurn,
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
  if (agreed === 'deleted') throw new Error('nothing is deleted here')
  if (agreed && agreed.cropId + agreed.keepsOriginal !== own.cropId + own.keepsOriginal) {
    await deleteObjects(image.bucket, [entryOf(own)])
  }
  return agreed
}

test('all that ever come to an agreement come to the same one, and its entry stands', async () => {
  let agreements = 0
  for (let seed = 0; seed < 1500; seed += 1) {
    reset()
    const random = seededRandom(seed)
    const saves = [saveOf(1), saveOf(1), saveOf(2), saveOf(2), saveOf(random() < 0.5 ? 3 : 1, random() < 0.5)]
    const agreed: SaveName[] = []
    const kills: ((isLost: boolean) => void)[] = []
    for (const own of saves) {
      const { ended, kill } = begin(() => attempt(own))
      void ended.then((outcome) => outcome && agreed.push(outcome))
      kills.push(kill)
      // Some come at once, some later; and some die: they never go on.
      await run(random, Math.floor(random() * 30))
      if (random() < 0.25) kills[Math.floor(random() * kills.length)]?.(random() < 0.5)
    }
    await run(random)
    const names = new Set(agreed.map(({ cropId, keepsOriginal }) => `${cropId} ${keepsOriginal}`))
    expect(names.size, `seed ${seed}`).toBeLessThanOrEqual(1)
    agreements += agreed.length
    const [one] = agreed
    if (one) expect(keysBelow(''), `seed ${seed}`).toContain(entryOf(one))
  }
  // Else nothing is shown here.
  expect(agreements).toBeGreaterThan(1500)
})

test('who comes alone agrees with themselves, whatever those who were killed have left', async () => {
  for (let seed = 0; seed < 300; seed += 1) {
    reset()
    const random = seededRandom(seed)
    const dead = [saveOf(1), saveOf(2), saveOf(3)].map((own) => begin(() => attempt(own)))
    await run(random, Math.floor(random() * 60))
    for (const { kill } of dead) kill(random() < 0.5)
    let outcome: SaveName | null = null
    void attempt(saveOf(4)).then((agreed) => {
      outcome = agreed
    })
    await run(random)
    expect(outcome, `seed ${seed}`).toBeTruthy()
    expect(keysBelow(''), `seed ${seed}`).toContain(entryOf(outcome as unknown as SaveName))
  }
})

test.each([
  ['before it proposes, which it does not do then', true],
  ['after it has proposed', false],
])('who meets a deletion is told: %s', async (_when, isBefore) => {
  reset()
  const own = saveOf(1)
  const bury = () => place(keys.tombstone(uid, imageId))
  const propose = vi.fn(async () => {
    place(entryOf(own))
    bury()
  })
  if (isBefore) bury()
  let outcome: unknown
  void joinAgreement(image, own)
    .then(() => agree(image, own, propose))
    .then((agreed) => {
      outcome = agreed
    })
  await run(seededRandom(1))
  expect(outcome).toBe('deleted')
  expect(propose).toHaveBeenCalledTimes(isBefore ? 0 : 1)
})

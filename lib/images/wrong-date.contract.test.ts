import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type FaultProxy, openFaultProxy } from '@/chaos/fault-proxy'
import { seededRandom } from '@/chaos/random'
import { findFreePorts } from '@/dev/ports'
import type { Owner } from './owner'
import {
  bytesAt,
  createOwner,
  draft,
  granted,
  type Host,
  originalOf,
  save,
  startWorld,
  type World,
} from './world.test-support'

// Contract, rules of the flows, 1: time is the store's. Here the store's own is wrong for a while: its clock, or only
// the `Date` of its answers on their way to one host. Pictures made meanwhile may stand elsewhere in the gallery than
// they were made; nothing is lost, an older save is never on top of a newer one, and nothing needs mending afterwards.

const minuteMs = 60_000
const shifts = [-20, -5, 5, 20].map((minutes) => ({ minutes, shiftMs: minutes * minuteMs }))

let world: World
let host: Host
let other: Host
/** Stands behind the proxy. */
let misled: Host
let proxy: FaultProxy

beforeAll(async () => {
  world = await startWorld()
  host = await world.startHost()
  other = await world.startHost()
  const [port] = (await findFreePorts(1, [])) as [number]
  proxy = await openFaultProxy({ port, storePort: Number(new URL(world.endpoint).port), random: seededRandom(1) })
  const variables = { AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${port}`, S3_PUBLIC_ENDPOINT: world.endpoint }
  misled = await world.startHost({ variables })
})
afterEach(async () => {
  world.misdate(0)
  await proxy.faults.set([])
})
afterAll(async () => {
  await proxy.close()
  expect(world.faults).toEqual([])
  await world.end()
})

/** All of these are in the gallery, whole, on every host, and this one is current. */
async function expectKept(owner: Owner, imageIds: string[], current: string): Promise<void> {
  for (const reader of [host, other, misled]) {
    const { images } = granted(await reader.gallery(owner))
    expect(images.map(({ imageId }) => imageId).toSorted()).toEqual(imageIds.toSorted())
    expect(images.filter((image) => image.current).map(({ imageId }) => imageId)).toEqual([current])
    for (const image of images) {
      for (const url of [...image.variants.map((variant) => variant.url), originalOf(image)]) await bytesAt(url)
    }
  }
}

describe.skipIf(process.env.TEST_STORE && process.env.TEST_STORE !== 'bundled')("the store's own clock", () => {
  test.each(shifts)('$minutes minutes off: all goes on, meanwhile and afterwards', async ({ shiftMs }) => {
    const owner = createOwner()
    const before = await save(host, owner, 1)
    // Begun before, and saved while the clock is wrong; begun then, and saved when it is right again.
    const begun = await draft(host, owner, 2)
    world.misdate(shiftMs)
    const { seen } = await other.current(owner)
    const { imageId: second, cropId } = begun
    expect(granted(await other.saveImage(owner, { imageId: second, cropId, seen })).current).toBe(true)
    const third = await save(host, owner, 3)
    expect(third.current).toBe(true)
    const late = await draft(other, owner, 4)
    await expectKept(owner, [before.imageId, second, third.imageId], third.imageId)

    world.misdate(0)
    await expectKept(owner, [before.imageId, second, third.imageId], third.imageId)
    const fourth = granted(await host.saveImage(owner, { imageId: late.imageId, cropId: late.cropId }))
    expect(fourth.current).toBe(true)
    const fifth = await save(other, owner, 5)
    expect(fifth.current).toBe(true)
    granted(await host.setCurrent(owner, third.imageId))
    const { imageId: gone } = fifth
    granted(await host.deleteImage(owner, gone))
    const kept = [before.imageId, second, third.imageId, fourth.imageId]
    await expectKept(owner, kept, third.imageId)
    // Nothing is left to be cleared up but the deletion's mark, which stays for two days.
    const marks = (await world.keys(`users/${owner.uid}/v1/trail/`)).filter((key) => key.includes('!'))
    expect(marks).toEqual([`users/${owner.uid}/v1/trail/a/!delete.${gone}`])
  })
})

// A store elsewhere has no port of this machine to stand before.
describe.skipIf(process.env.TEST_STORE === 'endpoint')('the date on its way to one host', () => {
  test.each(shifts)(
    '$minutes minutes off: it fails at most, and goes on at once when it is right',
    async ({ minutes, shiftMs }) => {
      const owner = createOwner()
      const before = await save(host, owner, 1)
      const { imageId, cropId } = await draft(host, owner, 2)
      await proxy.faults.set([{ kind: 'wrong-date', shiftMs }])
      const { seen } = await host.current(owner)
      const saving = misled.saveImage(owner, { imageId, cropId, seen })
      if (Math.abs(minutes) > 15) {
        // The store refuses what is signed more than 15 minutes off, and may tell its true time with that (AWS,
        // "RequestTimeTooSkewed"): so each request may get through at its next try, or not.
        const outcome = await saving.catch((error) => {
          expect(error.$metadata.httpStatusCode).toBe(403)
        })
        const { images } = granted(await host.gallery(owner))
        const isSaved = images.some((image) => image.imageId === imageId)
        expect(images).toHaveLength(isSaved ? 2 : 1)
        if (outcome) expect(granted(outcome).imageId === imageId && isSaved).toBe(true)
      } else {
        expect(granted(await saving).current).toBe(true)
        // A choice made by a clock that is ahead is not on top of what is chosen later by one that is right.
        granted(await misled.setCurrent(owner, before.imageId))
        granted(await host.setCurrent(owner, imageId))
        expect((await other.current(owner)).picture?.imageId).toBe(imageId)
      }
      await proxy.faults.set([])
      granted(await misled.saveImage(owner, { imageId, cropId, seen }))
      const third = await save(misled, owner, 3)
      await expectKept(owner, [before.imageId, imageId, third.imageId], third.imageId)
    },
  )
})

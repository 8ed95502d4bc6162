import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Owner } from '@/lib/images/storage/image-ref'
import {
  bytesAt,
  createOwner,
  draft,
  granted,
  type Host,
  idsOf,
  imageIdOfSave,
  originalOf,
  remove,
  save,
  startWorld,
  type World,
} from '@/lib/images/test-support/world'
import { type FaultProxy, openFaultProxy } from '@/tools/testing/fault-proxy'
import { findFreePorts } from '@/tools/testing/ports'
import { seededRandom } from '@/tools/testing/random'

// Rule 1: time is the store's. Here the store's clock is wrong for a while, or only the `Date` header of its responses
// to one host. Images saved meanwhile may be out of order in the gallery. Nothing may be lost, no older save may become
// current instead of a newer one, and nothing may need a repair afterwards.

const minuteMs = 60_000
const shifts = [-20, -5, 5, 20].map((minutes) => ({ minutes, shiftMs: minutes * minuteMs }))

let world: World
let host: Host
let other: Host
/** Its requests go through the proxy, which changes the `Date` header. */
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

/** Expects exactly these images on every host, all complete, and the given one current. */
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
  test.each(shifts)('$minutes minutes off: every step works, during and after it', async ({ shiftMs }) => {
    const owner = createOwner()
    const before = await save(host, owner, 1)
    // One upload starts before and is saved while the clock is wrong; another starts meanwhile and is saved later.
    const early = await draft(host, owner, 2)
    world.misdate(shiftMs)
    const { seen } = await other.current(owner)
    const second = imageIdOfSave(owner, early)
    expect(granted(await other.saveImage(owner, { ...idsOf(early), seen })).current).toBe(true)
    const third = await save(host, owner, 3)
    expect(third.current).toBe(true)
    const late = await draft(other, owner, 4)
    await expectKept(owner, [before.imageId, second, third.imageId], third.imageId)

    world.misdate(0)
    await expectKept(owner, [before.imageId, second, third.imageId], third.imageId)
    const fourth = granted(await host.saveImage(owner, idsOf(late)))
    expect(fourth.current).toBe(true)
    const fifth = await save(other, owner, 5)
    expect(fifth.current).toBe(true)
    granted(await host.setCurrent(owner, third.imageId))
    const { imageId: deleted } = fifth
    await remove(host, owner, deleted)
    const kept = [before.imageId, second, third.imageId, fourth.imageId]
    await expectKept(owner, kept, third.imageId)
    // Only the tombstone remains to be cleaned up, after two days.
    const tombstones = (await world.keys(`users/${owner.uid}/v1/trail/`)).filter((key) => key.includes('!'))
    expect(tombstones).toEqual([`users/${owner.uid}/v1/trail/a/!deleted.${deleted}`])
  })
})

// A remote store has no local port for the proxy.
describe.skipIf(process.env.TEST_STORE === 'endpoint')('the date in responses to one host', () => {
  test.each(shifts)(
    '$minutes minutes off: a step at most fails, and works once the date is right',
    async ({ minutes, shiftMs }) => {
      const owner = createOwner()
      const before = await save(host, owner, 1)
      const crop = await draft(host, owner, 2)
      const imageId = imageIdOfSave(owner, crop)
      await proxy.faults.set([{ kind: 'wrong-date', shiftMs }])
      const { seen } = await host.current(owner)
      const saving = misled.saveImage(owner, { ...idsOf(crop), seen })
      if (Math.abs(minutes) > 15) {
        // The store rejects a signature more than 15 minutes off and may report its true time (AWS,
        // "RequestTimeTooSkewed"). The retry of a request may therefore succeed or fail.
        const outcome = await saving.catch((error) => {
          expect(error.$metadata.httpStatusCode).toBe(403)
        })
        const { images } = granted(await host.gallery(owner))
        const isSaved = images.some((image) => image.imageId === imageId)
        expect(images).toHaveLength(isSaved ? 2 : 1)
        if (outcome) expect(granted(outcome).imageId === imageId && isSaved).toBe(true)
      } else {
        expect(granted(await saving).current).toBe(true)
        // A choice made with a fast clock does not win over a later choice made with the right one.
        granted(await misled.setCurrent(owner, before.imageId))
        granted(await host.setCurrent(owner, imageId))
        expect((await other.current(owner)).image?.imageId).toBe(imageId)
      }
      await proxy.faults.set([])
      granted(await misled.saveImage(owner, { ...idsOf(crop), seen }))
      const third = await save(misled, owner, 3)
      await expectKept(owner, [before.imageId, imageId, third.imageId], third.imageId)
    },
  )
})

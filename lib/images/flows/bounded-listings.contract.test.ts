import pMap from 'p-map'
import { expect, test } from 'vitest'
import { invertTime } from '@/lib/images/storage/ids'
import type { Owner } from '@/lib/images/storage/image-ref'
import { keys } from '@/lib/images/storage/keys'
import { imageIdAt, placeTombstone } from '@/lib/images/test-support/placed'
import { host, world } from '@/lib/images/test-support/shared-world'
import { createOwner, draft, granted, type Host, idsOf, save } from '@/lib/images/test-support/world'

// What a person can make grow must not make their pages cost more. lib/images/storage has the tests for crops, uploads
// and images.

const times = (count: number) => Array.from({ length: count }, (_, at) => at)

/** Runs a step. @returns its number of listings */
async function listingsOf(on: Host, step: () => Promise<unknown>): Promise<number> {
  const before = on.sent.length
  await step()
  return on.sent.slice(before).filter(({ command }) => command === 'ListObjectsV2').length
}

/** Writes trail items as choices of no image do, older than now. */
const placeChoices = (owner: Owner, count: number) =>
  pMap(
    times(count),
    (at) => {
      const trailId = invertTime(Math.floor(world.storeNow()) - 1000 - at) + '0'.repeat(10)
      return world.place(keys.trailItem(owner.uid, host.avatars, trailId, null))
    },
    { concurrency: 50 },
  )

test('S40: no step lists more after 2,500 choices of the current image', async () => {
  const owner = createOwner()
  await placeChoices(owner, 2500)
  const crop = await draft(host, owner)
  expect(await listingsOf(host, () => host.current(owner))).toBe(1)
  expect(await listingsOf(host, () => host.history(owner))).toBe(1)
  expect(await listingsOf(host, () => host.gallery(owner))).toBe(2)
  expect(await listingsOf(host, async () => granted(await host.saveImage(owner, idsOf(crop))))).toBe(3)
  expect(await listingsOf(host, async () => granted(await host.setCurrent(owner, null)))).toBe(1)
})

test('S40: a person with 1,000 deletions beyond the quota cannot save until two days later', async () => {
  const owner = createOwner()
  const strict = await world.startHost({ variables: { USER_QUOTA: '3' } })
  const saved = await save(strict, owner)
  const [next, last] = [await draft(host, owner, 2), await draft(host, owner, 3)]
  const now = Math.floor(world.storeNow())
  const place = (at: number) => placeTombstone(host, owner, imageIdAt(host, owner, now - at))
  await pMap(times(1002), place, { concurrency: 50 })
  granted(await strict.saveImage(owner, idsOf(next)))
  await place(2000)
  expect(await strict.saveImage(owner, idsOf(last))).toEqual({ ok: false, code: 'quota' })
  // A repeated save adds nothing.
  granted(await strict.saveImage(owner, idsOf(saved)))
  expect(await listingsOf(strict, () => strict.current(owner))).toBe(2)
})

test('S40: 60 descriptions, one after another and at once, leave no older revisions', async () => {
  const owner = createOwner()
  const { imageId } = await save(host, owner)
  for (const at of times(30)) granted(await host.describeImage(owner, imageId, `text ${at}`))
  expect(await world.keys(keys.entriesOfImage(owner.uid, imageId))).toHaveLength(1)
  await Promise.all(times(30).map(async (at) => granted(await host.describeImage(owner, imageId, `other ${at}`))))
  granted(await host.describeImage(owner, imageId, 'last'))
  expect(await world.keys(keys.entriesOfImage(owner.uid, imageId))).toHaveLength(1)
  expect(granted(await host.gallery(owner)).images).toMatchObject([{ imageId, alt: 'last' }])
  expect(await listingsOf(host, () => host.gallery(owner))).toBe(2)
})

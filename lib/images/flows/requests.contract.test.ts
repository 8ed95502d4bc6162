import sharp from 'sharp'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Owner } from '@/lib/images/storage/image-ref'
import { keys } from '@/lib/images/storage/keys'
import { imageIdAt, placeEntries } from '@/lib/images/test-support/placed'
import { countRounds } from '@/lib/images/test-support/rounds'
import { world } from '@/lib/images/test-support/shared-world'
import {
  createOwner,
  createPicture,
  cropOf,
  draft,
  granted,
  type Host,
  hourMs,
  idsOf,
  save,
  upload,
} from '@/lib/images/test-support/world'

// docs/contract.md, "Request budgets", for a person with 50 saved images in one bucket. Each row has the exact cost, so any
// additional round trip fails its row. Change a row only with a reason, and only within the budget.

let host: Host
let count: ReturnType<typeof countRounds>

beforeAll(async () => {
  host = await world.startHost()
  count = countRounds(host.bucket.client)
  // Warms up: the first request of a client loads modules.
  await host.gallery(createOwner())
})

/** Requests before the step answers. */
interface Cost {
  requests: number
  /** Length of the longest chain of sequential requests. */
  chain: number
}

interface Row {
  step: string
  /** The exact cost. */
  costs: Cost
  /** The maximum cost in docs/contract.md. */
  budget: Cost
  /** Prepares a person with 50 images for the step. @returns the step */
  prepare: (owner: Owner, imageIds: string[]) => Promise<() => Promise<unknown>>
}

const cost = (requests: number, chain: number): Cost => ({ requests, chain })

/** Creates a GIF of two frames. */
async function createAnimation(): Promise<Buffer> {
  const frames = await Promise.all(
    ['red', 'blue'].map((background) =>
      sharp({ create: { width: 90, height: 70, channels: 3, background } })
        .raw()
        .toBuffer(),
    ),
  )
  return sharp(Buffer.concat(frames), { raw: { width: 90, height: 140, channels: 3, pageHeight: 70 } })
    .gif({ delay: [100, 100] })
    .toBuffer()
}

const rows: Row[] = [
  {
    step: 'image in the page header',
    costs: cost(1, 1),
    budget: cost(1, 1),
    prepare: async (owner) => () => host.current(owner),
  },
  {
    step: 'issue',
    costs: cost(2, 1),
    budget: cost(2, 1),
    prepare: async (owner) => async () =>
      granted(await host.startUpload(owner, { collection: 'avatars', contentType: 'image/jpeg', size: 1000 })),
  },
  {
    // The whole page makes 4 requests, with the image in its header.
    step: 'crop page, before the first crop',
    costs: cost(2, 1),
    budget: cost(3, 1),
    prepare: async (owner) => {
      const uploadId = await upload(host, owner, await createPicture(1))
      return async () => granted(await host.openUpload(owner, uploadId, null))
    },
  },
  {
    step: 'crop page, with a crop',
    costs: cost(3, 1),
    budget: cost(3, 1),
    prepare: async (owner) => {
      const { uploadId, cropId } = await draft(host, owner)
      return async () => granted(await host.openUpload(owner, uploadId, cropId))
    },
  },
  {
    step: 'crop, first time',
    costs: cost(8, 3),
    budget: cost(8, 3),
    prepare: async (owner) => {
      const uploadId = await upload(host, owner, await createPicture(1))
      const { etag } = granted(await host.openUpload(owner, uploadId, null)).source
      return async () => granted(await host.cropUpload(owner, { ...cropOf(uploadId), etag }))
    },
  },
  {
    step: 'crop, a second one of the upload',
    costs: cost(7, 3),
    budget: cost(8, 3),
    prepare: async (owner) => {
      const { uploadId, source } = await draft(host, owner)
      return async () => granted(await host.cropUpload(owner, { ...cropOf(uploadId, 9), etag: source.etag }))
    },
  },
  {
    step: 'crop of an animation, first time',
    costs: cost(12, 3),
    budget: cost(12, 3),
    prepare: async (owner) => {
      const uploadId = await upload(host, owner, await createAnimation())
      return async () => granted(await host.cropUpload(owner, cropOf(uploadId)))
    },
  },
  {
    step: 'save',
    costs: cost(11, 4),
    budget: cost(12, 4),
    prepare: async (owner) => {
      const crop = await draft(host, owner)
      const { seen } = await host.current(owner)
      return async () => expect(granted(await host.saveImage(owner, { ...idsOf(crop), seen })).current).toBe(true)
    },
  },
  {
    step: 'save of an animation',
    costs: cost(15, 4),
    budget: cost(16, 4),
    prepare: async (owner) => {
      const uploadId = await upload(host, owner, await createAnimation())
      const crop = granted(await host.cropUpload(owner, cropOf(uploadId)))
      return async () => granted(await host.saveImage(owner, idsOf(crop)))
    },
  },
  {
    step: 'save, original not kept',
    costs: cost(11, 4),
    budget: cost(12, 4),
    prepare: async (owner) => {
      const crop = await draft(host, owner)
      return async () =>
        expect(granted(await host.saveImage(owner, { ...idsOf(crop), keepOriginal: false })).current).toBe(true)
    },
  },
  {
    step: 'same save again',
    costs: cost(4, 1),
    budget: cost(5, 1),
    prepare: async (owner) => {
      const crop = await draft(host, owner)
      granted(await host.saveImage(owner, idsOf(crop)))
      return async () => granted(await host.saveImage(owner, idsOf(crop)))
    },
  },
  {
    step: 'gallery page',
    costs: cost(2, 1),
    budget: cost(2, 1),
    prepare: async (owner) => async () => expect(granted(await host.gallery(owner)).images).toHaveLength(24),
  },
  {
    step: 'set current',
    costs: cost(3, 2),
    budget: cost(3, 2),
    prepare:
      async (owner, [imageId]) =>
      async () =>
        granted(await host.setCurrent(owner, imageId as string)),
  },
  {
    step: 'description',
    costs: cost(4, 3),
    budget: cost(4, 3),
    prepare:
      async (owner, [imageId]) =>
      async () =>
        granted(await host.describeImage(owner, imageId as string, 'me')),
  },
  {
    step: 'crop again',
    costs: cost(6, 2),
    budget: cost(6, 3),
    prepare: async (owner) => {
      const { imageId } = await save(host, owner)
      return async () => granted(await host.recropImage(owner, imageId))
    },
  },
  {
    step: 'delete one',
    costs: cost(4, 3),
    budget: cost(4, 3),
    prepare:
      async (owner, [imageId]) =>
      async () =>
        granted(await host.deleteImage(owner, imageId as string)),
  },
  {
    step: 'read one',
    costs: cost(2, 1),
    budget: cost(2, 1),
    prepare:
      async (owner, [imageId]) =>
      async () =>
        granted(await host.readImage(owner, imageId as string)),
  },
]

/** Creates a person with 50 images, the newest of them current. */
async function createCollector(): Promise<{ owner: Owner; imageIds: string[] }> {
  const owner = createOwner()
  const imageIds = await placeEntries(host, owner, 50)
  granted(await host.setCurrent(owner, imageIds.at(-1) as string))
  return { owner, imageIds }
}

describe('S40: request budget', () => {
  test.each(rows.map((row) => [row.step, row] as const))('%s', async (_step, { costs, budget, prepare }) => {
    const { owner, imageIds } = await createCollector()
    const step = await prepare(owner, imageIds)
    const sent = host.wire.requests
    const { requests, rounds } = await count(step)
    expect({ requests: requests.length, chain: rounds }, requests.join(' ')).toEqual(costs)
    // A difference means retries.
    expect(host.wire.requests - sent).toBe(costs.requests)
    expect(costs.requests).toBeLessThanOrEqual(budget.requests)
    expect(costs.chain).toBeLessThanOrEqual(budget.chain)
  })

  test('deletes 100 images in a chain of at most 16, listing entries and trail once', async () => {
    const owner = createOwner()
    const imageIds = await placeEntries(host, owner, 150)
    const { value, requests, rounds } = await count(() => host.deleteImages(owner, imageIds.slice(20, 120)))
    expect(value.deleted).toHaveLength(100)
    const only = (command: string) => requests.filter((name) => name === command)
    expect(only('ListObjectsV2')).toHaveLength(2)
    expect(only('PutObject')).toHaveLength(100)
    expect(only('DeleteObjects')).toHaveLength(1)
    expect(requests).toHaveLength(103)
    expect(rounds).toBe(15)
  })

  test('erases the rest of 100 deleted images in two requests, after the response', async () => {
    const owner = createOwner()
    const imageIds = await placeEntries(host, owner, 100)
    const { toErase } = await host.deleteImages(owner, imageIds)
    const { requests, rounds } = await count(() => host.finishDeletions(toErase))
    expect(requests).toEqual(['DeleteObjects', 'DeleteObjects'])
    expect(rounds).toBe(2)
  })
})

describe('cleanup after the response of the gallery', () => {
  test('costs nothing on most visits and a few requests per day and per tombstone', async () => {
    const { owner } = await createCollector()
    const deleted = imageIdAt(host, owner, world.storeNow() - 3 * 24 * hourMs)
    await world.place(keys.tombstone(owner.uid, host.avatars, deleted))
    // After the gallery's two listings: two listings of copies, one of entries, and the marker of the day.
    expect((await count(() => host.visitGallery(owner))).requests).toHaveLength(2 + 4)
    expect((await count(() => host.visitGallery(owner))).requests).toHaveLength(2)
    await world.advance(49 * hourMs)
    // The daily search, which also erases yesterday's marker; then three listings and the tombstone.
    expect((await count(() => host.visitGallery(owner))).requests).toHaveLength(2 + 4 + 1 + 4)
  })
})

test('the counter counts a round for each request that waits for another', async () => {
  const owner = createOwner()
  const read = () => host.current(owner)
  const inParallel = await count(() => Promise.all([read(), read(), read()]))
  expect([inParallel.requests.length, inParallel.rounds]).toEqual([3, 1])
  const sequential = await count(async () => {
    for (let time = 0; time < 3; time += 1) await read()
  })
  expect([sequential.requests.length, sequential.rounds]).toEqual([3, 3])
  const mixed = await count(async () => {
    await read()
    await sharp(await createPicture(1))
      .resize(2000, 2000)
      .png()
      .toBuffer()
    await Promise.all([read(), read().then(read)])
  })
  expect([mixed.requests.length, mixed.rounds]).toEqual([4, 3])
})

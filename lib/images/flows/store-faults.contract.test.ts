import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Owner } from '@/lib/images/storage/image-ref'
import {
  createOwner,
  createPicture,
  cropOf,
  draft,
  granted,
  type Host,
  idsOf,
  imageIdOfSave,
  save,
  startWorld,
  upload,
  type World,
} from '@/lib/images/test-support/world'
import type { Result } from '@/lib/result'
import { type FaultProxy, openFaultProxy } from '@/tools/testing/fault-proxy'
import type { FaultKind } from '@/tools/testing/faults'
import { findFreePorts } from '@/tools/testing/ports'
import { seededRandom } from '@/tools/testing/random'

// Faults between a host and its store. A step must succeed on a retry of the SDK or fail within its deadline, never hang.
// Repeated when the store works, it must succeed. No page may show an incomplete image, and no saved image may be lost.

let world: World
let healthy: Host
let lanes: Lane[]

/** One fault, with a proxy that causes it and two hosts behind that proxy. All lanes run in parallel. */
interface Lane {
  fault: FaultKind
  proxy: FaultProxy
  /** Its deadline leaves time to retry an attempt that hangs. */
  patient: Host
  /** Its deadline is short, for faults after which no response arrives. */
  impatient: Host
}

/** The timeout of a step. A single attempt times out after a quarter of it. */
const timeoutMs = { patient: 12_000, impatient: 2_000 }

const faults: FaultKind[] = [
  { kind: 'slow-down' },
  { kind: 'reset' },
  { kind: 'reset-in-request' },
  { kind: 'reset-in-answer' },
  { kind: 'lost-answer' },
  { kind: 'stall' },
  { kind: 'stall-in-answer' },
  { kind: 'withheld-answer' },
]

beforeAll(async () => {
  world = await startWorld()
  healthy = await world.startHost()
  lanes = []
  for (const fault of faults) {
    const [port] = (await findFreePorts(1, [])) as [number]
    const storePort = Number(new URL(world.endpoint).port)
    const proxy = await openFaultProxy({ port, storePort, random: seededRandom(5) })
    // URLs for browsers bypass the proxy.
    const variables = { AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${port}`, S3_PUBLIC_ENDPOINT: world.endpoint }
    const start = (ms: number) => world.startHost({ variables: { ...variables, STORE_TIMEOUT_MS: String(ms) } })
    lanes.push({
      fault,
      proxy,
      patient: await start(timeoutMs.patient),
      impatient: await start(timeoutMs.impatient),
    })
  }
})
afterAll(async () => {
  await Promise.all(lanes.map(({ proxy }) => proxy.close()))
  expect(world.faults).toEqual([])
  await world.end()
})

/** Runs the work in all lanes in parallel, each with its own person. @throws an error that names the failed lanes */
async function inEachLane(work: (lane: Lane, owner: Owner) => Promise<void>): Promise<void> {
  const outcomes = await Promise.allSettled(lanes.map((lane) => work(lane, createOwner())))
  const failed = outcomes.flatMap((outcome, at) =>
    outcome.status === 'rejected'
      ? [new Error(`${lanes[at]?.fault.kind}: ${outcome.reason}`, { cause: outcome.reason })]
      : [],
  )
  if (failed.length > 0) throw failed.length === 1 ? failed[0] : new AggregateError(failed, failed.join('\n'))
}

interface Step {
  name: string
  /** Whether it writes to the store. */
  writes: boolean
  /** Prepares a person for the step. */
  prepare: (owner: Owner) => Promise<Prepared>
}

interface Prepared {
  run: (host: Host) => Promise<Result<unknown>>
  /** Images in the gallery before the step. */
  before: string[]
  /** Images in the gallery after it; the same as before by default. */
  after?: string[]
  /** The current image after it. */
  current?: string | null
}

async function savePair(owner: Owner) {
  const { imageId: older } = await save(healthy, owner, 1)
  const { imageId: newer } = await save(healthy, owner, 2)
  return { older, newer, before: [newer, older] }
}

const steps: Step[] = [
  {
    name: 'issue an upload',
    writes: false,
    prepare: async (owner) => {
      const file = await createPicture(1)
      const run = (host: Host) =>
        host.startUpload(owner, { collection: 'avatars', contentType: 'image/jpeg', size: file.length })
      return { run, before: [] }
    },
  },
  {
    name: 'open an upload',
    writes: false,
    prepare: async (owner) => {
      const { uploadId, cropId } = await draft(healthy, owner)
      return { run: (host) => host.openUpload(owner, uploadId, cropId), before: [] }
    },
  },
  {
    name: 'crop',
    writes: true,
    prepare: async (owner) => {
      const uploadId = await upload(healthy, owner, await createPicture(1))
      return { run: (host) => host.cropUpload(owner, cropOf(uploadId)), before: [] }
    },
  },
  {
    name: 'save',
    writes: true,
    prepare: async (owner) => {
      const { imageId: before } = await save(healthy, owner, 1)
      const crop = await draft(healthy, owner, 2)
      const imageId = imageIdOfSave(owner, crop)
      const { seen } = await healthy.current(owner)
      return {
        run: (host) => host.saveImage(owner, { ...idsOf(crop), seen }),
        before: [before],
        after: [imageId, before],
        current: imageId,
      }
    },
  },
  {
    name: 'read the gallery',
    writes: false,
    prepare: async (owner) => {
      const { newer, before } = await savePair(owner)
      return { run: (host) => host.gallery(owner), before, current: newer }
    },
  },
  {
    name: 'set current',
    writes: true,
    prepare: async (owner) => {
      const { older, before } = await savePair(owner)
      return { run: (host) => host.setCurrent(owner, older), before, current: older }
    },
  },
  {
    name: 'crop again',
    writes: true,
    prepare: async (owner) => {
      const { newer, before } = await savePair(owner)
      return { run: (host) => host.recropImage(owner, newer), before, current: newer }
    },
  },
  {
    name: 'save without the original',
    writes: true,
    prepare: async (owner) => {
      const crop = { ...idsOf(await draft(healthy, owner, 2)), keepOriginal: false }
      const imageId = imageIdOfSave(owner, crop)
      return { run: (host) => host.saveImage(owner, crop), before: [], after: [imageId], current: imageId }
    },
  },
  {
    name: 'describe',
    writes: true,
    prepare: async (owner) => {
      const { newer, before } = await savePair(owner)
      return { run: (host) => host.describeImage(owner, newer, 'me'), before, current: newer }
    },
  },
  {
    name: 'delete',
    writes: true,
    prepare: async (owner) => {
      const { older, newer, before } = await savePair(owner)
      const run = async (host: Host) => {
        const answer = await host.deleteImage(owner, newer)
        if (answer.ok) await host.finishDeletions(answer.value)
        return answer
      }
      return { run, before, after: [older], current: null }
    },
  },
  {
    name: 'clean up',
    writes: true,
    prepare: async (owner) => {
      const { older, newer } = await savePair(owner)
      granted(await healthy.deleteImage(owner, newer))
      const run = async (host: Host): Promise<Result<null>> => {
        await host.visitGallery(owner)
        return { ok: true, value: null }
      }
      return { run, before: [older], current: null }
    },
  },
]

/** Reads the gallery on a healthy host and expects that every variant and original in it exists. */
async function look(owner: Owner): Promise<{ images: string[]; current: string | null }> {
  const { images } = granted(await healthy.gallery(owner))
  const urls = images.flatMap((image) => [
    ...image.variants.map(({ url }) => url),
    ...(image.original ? [image.original.url] : []),
  ])
  const statuses = await Promise.all(urls.map(async (url) => (await fetch(url)).status))
  expect(new Set(statuses)).toEqual(new Set(images.length > 0 ? [200] : []))
  const { image } = await healthy.current(owner)
  expect(images.find(({ current }) => current)?.imageId).toBe(image?.imageId)
  return { images: images.map(({ imageId }) => imageId), current: image?.imageId ?? null }
}

/** Runs a step to its end and checks the result. */
async function finish(step: Prepared, host: Host, owner: Owner): Promise<void> {
  granted(await step.run(host))
  const seen = await look(owner)
  expect(seen.images).toEqual(step.after ?? step.before)
  if (step.current !== undefined) expect(seen.current).toBe(step.current)
}

// A remote store has no local port for the proxy.
describe.skipIf(process.env.TEST_STORE === 'endpoint').each(steps)('$name', ({ prepare, writes }) => {
  test('succeeds after a single fault', () =>
    inEachLane(async ({ fault, proxy, patient }, owner) => {
      const step = await prepare(owner)
      const countBefore = proxy.faults.counts[fault.kind]
      // Quick faults hit the first attempt of every request; slow ones hit one attempt.
      const isQuick = fault.kind.startsWith('reset') || fault.kind === 'lost-answer'
      await proxy.faults.set([{ ...fault, ...(isQuick ? { firstOfEach: true } : { count: 1 }) }])
      await finish(step, patient, owner)
      expect(proxy.faults.counts[fault.kind]).toBeGreaterThan(countBefore)
      await proxy.faults.set([])
    }))

  test('fails in time while the fault lasts, shows only complete images, then succeeds', () =>
    inEachLane(async ({ fault, proxy, impatient }, owner) => {
      const step = await prepare(owner)
      const before = await look(owner)
      await proxy.faults.set([fault])
      const startedAt = performance.now()
      await expect(step.run(impatient)).rejects.toThrow()
      // Allows for a busy machine, but not for a hang.
      expect(performance.now() - startedAt).toBeLessThan(timeoutMs.impatient + 30_000)
      expect(await look(owner)).toEqual(before)

      if (writes) {
        // Reads succeed. Writes fail, or their responses are lost.
        await proxy.faults.set([{ ...fault, methods: ['PUT', 'POST'] }])
        await expect(step.run(impatient)).rejects.toThrow()
        expect([step.before, step.after]).toContainEqual((await look(owner)).images)
      }
      await proxy.faults.set([])
      await finish(step, healthy, owner)
    }))

  test('fails while the store refuses connections, then succeeds', async () => {
    const { proxy, patient } = lanes[0] as Lane
    const owner = createOwner()
    const step = await prepare(owner)
    await proxy.faults.set([{ kind: 'refused' }])
    await expect(step.run(patient)).rejects.toThrow('ECONNREFUSED')
    await proxy.faults.set([])
    await finish(step, patient, owner)
  })
})

test.skipIf(process.env.TEST_STORE === 'endpoint')(
  'twelve concurrent saves survive a short outage of the store',
  async () => {
    const { proxy, patient } = lanes[0] as Lane
    const { prepare } = steps.find(({ name }) => name === 'save') as Step
    const saves = await Promise.all(
      Array.from({ length: 12 }, async () => {
        const owner = createOwner()
        return { owner, step: await prepare(owner) }
      }),
    )
    await proxy.faults.set([{ kind: 'refused' }])
    await Promise.all([
      sleep(600).then(() => proxy.faults.set([])),
      ...saves.map(({ owner, step }) => finish(step, patient, owner)),
    ])
  },
)

import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type FaultProxy, openFaultProxy } from '@/chaos/fault-proxy'
import type { FaultKind } from '@/chaos/faults'
import { seededRandom } from '@/chaos/random'
import { findFreePorts } from '@/dev/ports'
import type { Result } from './errors'
import type { Owner } from './owner'
import {
  createOwner,
  createPicture,
  cropOf,
  draft,
  granted,
  type Host,
  originalOf,
  save,
  startWorld,
  upload,
  type World,
} from './world.test-support'

// Whatever goes wrong between a host and its store: a step succeeds within its tries, or fails within its patience;
// done again when the store is well it succeeds; and nothing that is shown is ever incomplete, nothing saved is lost.

let world: World
let healthy: Host
let lanes: Lane[]

/** One thing that goes wrong, with a proxy that does it and two hosts behind that; all lanes run side by side. */
interface Lane {
  fault: FaultKind
  proxy: FaultProxy
  /** Has time for a try that hangs. */
  patient: Host
  /** Is not waited for long where nothing ever comes. */
  impatient: Host
}

/** How long a step waits for the store, a single try a quarter of it. */
const patienceMs = { patient: 12_000, impatient: 2_000 }

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
    // What is signed for browsers leads straight to the store.
    const behind = { AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${port}`, S3_PUBLIC_ENDPOINT: world.endpoint }
    const start = (ms: number) => world.startHost({ variables: { ...behind, STORE_PATIENCE_MS: String(ms) } })
    lanes.push({
      fault,
      proxy,
      patient: await start(patienceMs.patient),
      impatient: await start(patienceMs.impatient),
    })
  }
})
afterAll(async () => {
  await Promise.all(lanes.map(({ proxy }) => proxy.close()))
  expect(world.faults).toEqual([])
  await world.end()
})

/** Goes through all lanes at once, each with a person of its own; says in which it failed. */
async function inEachLane(work: (lane: Lane, owner: Owner) => Promise<void>): Promise<void> {
  const outcomes = await Promise.allSettled(lanes.map((lane) => work(lane, createOwner())))
  const failed = outcomes.flatMap((outcome, at) =>
    outcome.status === 'rejected'
      ? [new Error(`${lanes[at]?.fault.kind}: ${outcome.reason}`, { cause: outcome.reason })]
      : [],
  )
  if (failed.length > 0) throw failed.length === 1 ? failed[0] : new AggregateError(failed, failed.join('\n'))
}

/** A step as a person takes it, brought to where it is next. */
interface Step {
  name: string
  writes: boolean
  prepare: (owner: Owner) => Promise<Prepared>
}

interface Prepared {
  run: (host: Host) => Promise<Result<unknown>>
  /** Pictures in the gallery before, and once it is done; the current one then. */
  before: string[]
  after?: string[]
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
      const { imageId, cropId } = await draft(healthy, owner)
      return { run: (host) => host.openUpload(owner, imageId, cropId), before: [] }
    },
  },
  {
    name: 'crop',
    writes: true,
    prepare: async (owner) => {
      const imageId = await upload(healthy, owner, await createPicture(1))
      return { run: (host) => host.cropUpload(owner, cropOf(imageId)), before: [] }
    },
  },
  {
    name: 'save',
    writes: true,
    prepare: async (owner) => {
      const { imageId: before } = await save(healthy, owner, 1)
      const { imageId, cropId } = await draft(healthy, owner, 2)
      const { seen } = await healthy.current(owner)
      return {
        run: (host) => host.saveImage(owner, { imageId, cropId, seen }),
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
    name: 'delete',
    writes: true,
    prepare: async (owner) => {
      const { older, newer, before } = await savePair(owner)
      return { run: (host) => host.deleteImage(owner, newer), before, after: [older], current: null }
    },
  },
]

/** What a person sees on a healthy host, and all of it has to be there: every variant, and the original. */
async function look(owner: Owner): Promise<{ images: string[]; current: string | null }> {
  const { images } = granted(await healthy.gallery(owner))
  const urls = images.flatMap((image) => [...image.variants.map(({ url }) => url), originalOf(image)])
  const statuses = await Promise.all(urls.map(async (url) => (await fetch(url)).status))
  expect(new Set(statuses)).toEqual(new Set(images.length > 0 ? [200] : []))
  const { picture } = await healthy.current(owner)
  expect(images.find(({ current }) => current)?.imageId).toBe(picture?.imageId)
  return { images: images.map(({ imageId }) => imageId), current: picture?.imageId ?? null }
}

/** Takes a step to its end, and looks at what came of it. */
async function finish(step: Prepared, host: Host, owner: Owner): Promise<void> {
  granted(await step.run(host))
  const seen = await look(owner)
  expect(seen.images).toEqual(step.after ?? step.before)
  if (step.current !== undefined) expect(seen.current).toBe(step.current)
}

// A store elsewhere has no port of this machine to stand before.
describe.skipIf(process.env.TEST_STORE === 'endpoint').each(steps)('$name', ({ prepare, writes }) => {
  test('succeeds all the same where it goes wrong once', () =>
    inEachLane(async ({ fault, proxy, patient }, owner) => {
      const step = await prepare(owner)
      const done = proxy.faults.counts[fault.kind]
      // What is quick befalls the first try of every request; what takes its time, one.
      const isQuick = fault.kind.startsWith('reset') || fault.kind === 'lost-answer'
      await proxy.faults.set([{ ...fault, ...(isQuick ? { firstOfEach: true } : { count: 1 }) }])
      await finish(step, patient, owner)
      expect(proxy.faults.counts[fault.kind]).toBeGreaterThan(done)
      await proxy.faults.set([])
    }))

  test('fails in time where it goes wrong each time, shows nothing half done, and then succeeds', () =>
    inEachLane(async ({ fault, proxy, impatient }, owner) => {
      const step = await prepare(owner)
      const before = await look(owner)
      await proxy.faults.set([fault])
      const began = performance.now()
      await expect(step.run(impatient)).rejects.toThrow()
      // No hang: the patience, and what a busy machine adds.
      expect(performance.now() - began).toBeLessThan(patienceMs.impatient + 30_000)
      expect(await look(owner)).toEqual(before)

      if (writes) {
        // The reads get through, and no write does, or none is heard of.
        await proxy.faults.set([{ ...fault, methods: ['PUT', 'POST'] }])
        await expect(step.run(impatient)).rejects.toThrow()
        expect([step.before, step.after]).toContainEqual((await look(owner)).images)
      }
      await proxy.faults.set([])
      await finish(step, healthy, owner)
    }))

  test('fails where nobody listens, and then succeeds', async () => {
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
  'a store that is away for a moment is waited for, however much is under way',
  async () => {
    const { proxy, patient } = lanes[0] as Lane
    const { prepare } = steps.find(({ name }) => name === 'save') as Step
    const underWay = await Promise.all(
      Array.from({ length: 12 }, async () => {
        const owner = createOwner()
        return { owner, step: await prepare(owner) }
      }),
    )
    await proxy.faults.set([{ kind: 'refused' }])
    await Promise.all([
      sleep(600).then(() => proxy.faults.set([])),
      ...underWay.map(({ owner, step }) => finish(step, patient, owner)),
    ])
  },
)

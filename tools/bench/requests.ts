import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import type { CropAnswer, DeleteAnswer, SavedImage } from '@/lib/images/schema'
import { isReady } from '@/tools/process/probes'
import { expectStatus, type HttpResponse, readJson } from '@/tools/testing/http'
import { squareArea } from './crops'
import { type Bench, type Family, type FigureSpec, lowerIsBetter, type Measurement } from './figure'
import { signIn } from './person'
import { type Photo, photoUpload } from './photos'
import { longestChain, openRequestCounter, type RequestCounter } from './request-counter'
import { measured } from './rounds'
import { writeImages } from './saved-images'
import type { Host, Site } from './site'

const photo: Photo = { megapixels: 12, format: 'jpg' }
/** Images of the person who takes the steps. */
const saved = 50
const selected = 100

/** The delays of each request to the store, in milliseconds. */
const delays = [0, 15, 40] as const
/**
 * The delay for counting chains. It is longer than a host computes between two requests, so that independent requests
 * overlap.
 */
const chainDelayMs = 500

interface Budget {
  /** Null: the number is only reported. */
  requests: number | null
  /** The longest sequential chain. */
  chain: number
  /** Milliseconds at the longest delay; absent: the time is only reported. */
  ms?: number
  /** The measurement ends at the first byte of a page that streams. Default: at the end of the response. */
  until?: 'first byte'
  about: string
}

/** The request budget of each step before the response: one bucket, four variants (docs/performance.md). */
const budgets = {
  front: { requests: 1, chain: 0, until: 'first byte', about: 'front page' },
  'upload-page': { requests: 1, chain: 0, until: 'first byte', about: 'upload page' },
  issue: { requests: 2, chain: 1, about: 'issue an upload' },
  'crop-page': { requests: 4, chain: 1, about: 'crop page of a crop that exists' },
  crop: { requests: 8, chain: 3, about: 'crop 12 MP for the first time' },
  save: { requests: 12, chain: 4, about: 'save' },
  'save-again': { requests: 5, chain: 1, about: 'the same save again' },
  'save-without-original': { requests: 12, chain: 4, about: 'save without the original' },
  'gallery-page': { requests: 2, chain: 1, about: 'gallery page' },
  'set-current': { requests: 3, chain: 2, about: 'make another image current' },
  describe: { requests: 4, chain: 3, about: 'describe an image' },
  'crop-again': { requests: 6, chain: 3, about: 'crop a saved image again' },
  delete: { requests: 4, chain: 3, about: 'delete an image' },
  'delete-100': { requests: null, chain: 16, ms: 3000, about: `delete ${selected} selected images` },
} as const satisfies Record<string, Budget>

type Step = keyof typeof budgets
const steps = Object.keys(budgets) as Step[]
const budgetOf = (step: Step): Budget => budgets[step]

/** The requests of each step to the store, and its duration if they are slow. */
export const requests: Family = {
  name: 'requests',
  figures: steps.flatMap((step): FigureSpec[] => {
    const { about, until = 'end', ...budget } = budgetOf(step)
    return [
      lowerIsBetter(
        `requests-${step}`,
        'requests',
        budget.requests,
        `${about}: requests to the store before the response`,
      ),
      lowerIsBetter(`chain-${step}`, 'in a row', budget.chain, `${about}: the longest chain of them, to the ${until}`),
      ...delays.map((delay) => {
        const goal = delay === delays.at(-1) ? (budget.ms ?? null) : null
        return lowerIsBetter(`time-${step}-${delay}`, 'ms', goal, `${about}: to the ${until}, ${delay} ms per request`)
      }),
    ]
  }),
  async run(bench) {
    const site = await bench.site()
    const counter = await openRequestCounter(`http://127.0.0.1:${site.storePort}`)
    let host: Host | undefined
    try {
      host = await site.startHost({
        AWS_ENDPOINT_URL_S3: counter.endpoint,
        // One bucket, as in the budget, and a timeout that allows the delayed chains.
        S3_BUCKET_COVERS: '',
        STORE_TIMEOUT_MS: '60000',
      })
      while (!(await isReady(host.port))) await sleep(100)
      return await measure(bench, site, host, counter)
    } finally {
      await host?.end()
      await counter.close()
    }
  },
}

/** The cost of a step, measured once. */
interface Cost {
  requests: number
  chain: number
  ms: number
}

type Costs = Record<Step, Cost>

async function measure(bench: Bench, site: Site, host: Host, counter: RequestCounter): Promise<Measurement[]> {
  const runAt = (delayMs: number) => {
    counter.delayMs = delayMs
    return takeSteps(site, host, counter)
  }
  // Warms up the host, and counts the chains.
  const slow = await runAt(chainDelayMs)
  const costs = Object.fromEntries(delays.map((delay) => [delay, [] as Costs[]])) as Record<number, Costs[]>
  for (let round = 0; round < bench.rounds; round += 1) {
    bench.onRound()
    for (const delay of delays) costs[delay]?.push(await runAt(delay))
  }
  return steps.flatMap((step) => {
    const all = [slow, ...Object.values(costs).flat()].map((one) => one[step])
    const times = delays.map((delay) => {
      const values = (costs[delay] ?? []).map((one) => one[step].ms)
      return measured(`time-${step}-${delay}`, values, '')
    })
    const { chain } = slow[step]
    const { requests: most, chain: longest } = budgetOf(step)
    const walls = times.map(({ value }) => value.toFixed(0)).join('/')
    const note = `${chain} in a row, budget ${most ?? '–'}/${longest}; ${walls} ms at ${delays.join('/')} ms per request`
    return [
      // The worst of all rounds, as a number of requests has no noise.
      { name: `requests-${step}`, value: Math.max(...all.map((cost) => cost.requests)), spread: null, note },
      { name: `chain-${step}`, value: chain, spread: null, note: '' },
      ...times,
    ]
  })
}

/** Takes every step once, as new people, and counts its requests to the store before the response. */
async function takeSteps(site: Site, host: Host, counter: RequestCounter): Promise<Costs> {
  const costs: Partial<Costs> = {}

  async function take(step: Step, status: number, send: () => Promise<HttpResponse>): Promise<HttpResponse> {
    // Requests that the previous step sends after its response do not count.
    await counter.settle()
    counter.reset()
    const startedAt = performance.now()
    const response = expectStatus(status, await send(), step)
    const endsAt = budgetOf(step).until === 'first byte' ? response.firstByteAt : response.endedAt
    costs[step] = {
      requests: counter.requests.filter((request) => request.startedAt <= response.endedAt).length,
      chain: longestChain(counter.requests.filter((request) => request.endedAt <= endsAt)),
      ms: endsAt - startedAt,
    }
    return response
  }
  const person = await signIn(host.url, site.origin)
  const [older] = await writeImages(site, person, { count: saved, withFiles: true })
  const open = (step: Step, path: string) =>
    take(step, 200, () => person.send('GET', path, undefined, { accept: 'text/html' }))
  const call = async <T>(step: Step, status: number, method: string, path: string, body?: unknown): Promise<T> =>
    readJson(await take(step, status, () => person.send(method, path, body)))

  await open('front', '/')
  await open('upload-page', '/upload')
  await call('issue', 201, 'POST', '/api/uploads', {
    collection: 'avatars',
    contentType: 'image/jpeg',
    size: 4_000_000,
  })
  const uploadId = await person.upload(await photoUpload(photo))
  const area = squareArea(photo, 0)
  const { cropId } = await call<CropAnswer>('crop', 200, 'POST', '/api/crop', { uploadId, area })
  await open('crop-page', `/crop/${uploadId}?crop=${cropId}`)
  const { imageId } = await call<SavedImage>('save', 201, 'POST', '/api/images', { uploadId, cropId })
  await call('save-again', 201, 'POST', '/api/images', { uploadId, cropId })
  await call('save-without-original', 201, 'POST', '/api/images', { uploadId, cropId, keepOriginal: false })
  await open('gallery-page', '/gallery')
  await call('set-current', 200, 'PUT', '/api/collections/avatars/current', { imageId: older })
  await call('describe', 200, 'PATCH', `/api/images/${imageId}`, { alt: 'A description' })
  await call('crop-again', 201, 'POST', `/api/images/${imageId}/recrop`)
  await call('delete', 204, 'DELETE', `/api/images/${imageId}`)

  const collector = await signIn(host.url, site.origin)
  const imageIds = await writeImages(site, collector, { count: selected, withFiles: true })
  const answer = await take('delete-100', 200, () => collector.send('POST', '/api/images/delete', { imageIds }))
  const { deleted } = readJson<DeleteAnswer>(answer)
  if (deleted.length !== selected) throw new Error(`only ${deleted.length} of ${selected} images were deleted`)
  return costs as Costs
}

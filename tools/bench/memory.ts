import { setTimeout as sleep } from 'node:timers/promises'
import pMap from 'p-map'
import { memoryOf, resetPeak } from '@/tools/testing/process-stat'
import { squareArea } from './crops'
import { type Bench, type Family, lowerIsBetter, type Measurement } from './figure'
import { cropWhenFree, signIn } from './person'
import { type Photo, photoUpload } from './photos'
import { median } from './rounds'
import { times } from './times'

const crowd = 32
/** Each crops one upload twice, as a person who moves the frame. A host has two places for a person. */
const people = crowd / 2

const cases: { name: string; goal: number; photo: Photo }[] = [
  { name: 'memory-baseline', goal: 350, photo: { megapixels: 48, format: 'jpg' } },
  { name: 'memory-progressive', goal: 512, photo: { megapixels: 48, format: 'jpg', isProgressive: true } },
]

/** The peak memory of a host under many crops. Each measurement starts a new host, as the peak is that of its whole life. */
export const memory: Family = {
  name: 'memory',
  figures: [
    ...cases.map(({ name, goal }) =>
      lowerIsBetter(
        name,
        'MB',
        goal,
        `peak resident memory of a host, ${crowd} concurrent crops of 48 MP, ${name.slice('memory-'.length)} JPEG`,
      ),
    ),
    lowerIsBetter(
      'memory-lost',
      'crops',
      0,
      'of those crops, neither served nor rejected as "busy" and served on retry',
    ),
  ],
  async run(bench) {
    const measurements: Measurement[] = []
    let [lost, total] = [0, 0]
    const causes = new Set<string>()
    for (const { name, photo } of cases) {
      if (!bench.wants(name) && !bench.wants('memory-lost')) continue
      const rounds: { peakMb: number; busy: number; lost: unknown[] }[] = []
      for (let round = 0; round < bench.amount(2, 1); round += 1) {
        bench.onRound()
        rounds.push(await crowdHost(bench, photo))
      }
      for (const failure of rounds.flatMap((round) => round.lost)) causes.add(String(failure))
      lost += rounds.reduce((sum, round) => sum + round.lost.length, 0)
      total += rounds.length * crowd
      const peaks = rounds.map(({ peakMb }) => peakMb)
      const busy = rounds.map((round) => round.busy).join(', ')
      const note = `the highest of ${peaks.map((peak) => peak.toFixed(0)).join(', ')}; answered busy ${busy} times`
      measurements.push({ name, value: Math.max(...peaks), spread: null, note })
    }
    const note = [`of ${total}`, ...causes].join('; ')
    return [...measurements, { name: 'memory-lost', value: lost, spread: null, note }]
  },
}

async function crowdHost(bench: Bench, photo: Photo) {
  const site = await bench.site()
  const host = await site.startHost()
  try {
    const file = await photoUpload(photo)
    const signInAndUpload = async () => {
      const person = await signIn(host.url, site.origin)
      return { person, uploadId: await person.upload(file) }
    }
    const uploads = await pMap(Array(people), signInAndUpload, { concurrency: 2 })
    resetPeak(host.pid)
    let busy = 0
    const crops = times(crowd, (index) => {
      const { person, uploadId } = uploads[index % people] as (typeof uploads)[number]
      return cropWhenFree(person, { uploadId, area: squareArea(photo, index) }, () => {
        busy += 1
      })
    })
    const settled = await Promise.allSettled(crops)
    const lost = settled.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []))
    return { peakMb: memoryOf(host.pid).peakMb, busy, lost }
  } finally {
    await host.end()
  }
}

const mix: readonly Photo[] = [
  { megapixels: 12, format: 'jpg' },
  { megapixels: 1, format: 'jpg' },
  { megapixels: 12, format: 'jpg', orientation: 6 },
  { megapixels: 6, format: 'webp' },
  { megapixels: 24, format: 'jpg' },
  { megapixels: 1, format: 'png' },
  { megapixels: 12, format: 'jpg', isProgressive: true },
  { megapixels: 1, format: 'webp' },
  { megapixels: 6, format: 'jpg' },
  { megapixels: 48, format: 'jpg' },
]

/** Memory growth of a host over many crops. */
export const growth: Family = {
  name: 'growth',
  figures: [
    lowerIsBetter('growth', '×', 1.1, 'resident memory of a host after 500 mixed crops ÷ after 50 (--quick: 60 ÷ 20)'),
  ],
  async run(bench) {
    const [first, last] = [bench.amount(50, 20), bench.amount(500, 60)]
    const site = await bench.site()
    const host = await site.startHost()
    try {
      const after: number[] = []
      let done = 0
      for (const until of [first, last]) {
        while (done < until) {
          await cropMix(site.origin, host.url, done)
          done += mix.length
        }
        after.push(await idleMemory(host.pid))
      }
      const [early = 0, late = 0] = after
      const note = `${early.toFixed(0)} MB after ${first}, ${late.toFixed(0)} MB after ${last}`
      return [{ name: 'growth', value: late / early, spread: null, note }]
    } finally {
      await host.end()
    }
  },
}

/** Crops each photo of the mix once, four at a time, each as a new guest. */
async function cropMix(origin: string, hostUrl: string, start: number): Promise<void> {
  const crop = async (photo: Photo, index: number) => {
    const person = await signIn(hostUrl, origin)
    const uploadId = await person.upload(await photoUpload(photo))
    await cropWhenFree(person, { uploadId, area: squareArea(photo, start + index) })
  }
  await pMap(mix, crop, { concurrency: 4 })
}

/** Returns the resident memory of an idle host in megabytes: the median of several reads. */
async function idleMemory(pid: number): Promise<number> {
  const reads: number[] = []
  for (let count = 0; count < 5; count += 1) {
    await sleep(300)
    reads.push(memoryOf(pid).residentMb)
  }
  return median(reads)
}

import { setTimeout as sleep } from 'node:timers/promises'
import { runAtOnce, times } from './at-once'
import { squareArea } from './crops'
import type { Bench, Family, Measurement } from './figure'
import { signIn } from './person'
import type { Photo } from './photos'
import { memoryOf, resetPeak } from './process-stat'
import { median } from './rounds'

const crowd = 32
/** Several crops of each upload, as people have them made who move the frame. */
const uploads = 8

const cases: { name: string; goal: number; photo: Photo }[] = [
  { name: 'memory-baseline', goal: 350, photo: { megapixels: 48, format: 'jpg' } },
  { name: 'memory-progressive', goal: 512, photo: { megapixels: 48, format: 'jpg', isProgressive: true } },
]

/** Each measurement has a host of its own that has just begun: the peak is that of its whole life. */
export const memory: Family = {
  name: 'memory',
  figures: [
    ...cases.map(({ name, goal }) => ({
      name,
      unit: 'MB',
      goal,
      better: 'lower' as const,
      about: `peak resident memory of a host, ${crowd} crops of 48 MP asked for at once, ${name.slice('memory-'.length)} JPEG`,
    })),
    {
      name: 'memory-lost',
      unit: 'crops',
      goal: 0,
      better: 'lower',
      about: 'of those crops, neither served nor told "busy" and served on retry',
    },
  ],
  async run(bench) {
    const measurements: Measurement[] = []
    let [lost, asked] = [0, 0]
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
      asked += rounds.length * crowd
      const peaks = rounds.map(({ peakMb }) => peakMb)
      const note = `the most of ${peaks.map((peak) => peak.toFixed(0)).join(', ')}; told busy: ${rounds.map(({ busy }) => busy).join(', ')} times`
      measurements.push({ name, value: Math.max(...peaks), spread: null, note })
    }
    const note = [`of ${asked}`, ...causes].join('; ')
    return [...measurements, { name: 'memory-lost', value: lost, spread: null, note }]
  },
}

async function crowdHost(bench: Bench, photo: Photo) {
  const site = await bench.site()
  const host = await site.startHost()
  try {
    const person = await signIn(host.port, site.origin)
    const imageIds = await runAtOnce(
      2,
      times(uploads, () => () => person.upload(host.port, photo)),
    )
    resetPeak(host.pid)
    let busy = 0
    const crops = times(crowd, (index) =>
      person.crop(host.port, imageIds[index % uploads] as string, squareArea(photo, index), () => {
        busy += 1
      }),
    )
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

/** Whether a host that goes on cropping goes on growing. */
export const growth: Family = {
  name: 'growth',
  figures: [
    {
      name: 'growth',
      unit: '×',
      goal: 1.1,
      better: 'lower',
      about: 'resident memory of a host after 500 mixed crops ÷ after 50 (--quick: 60 ÷ 20)',
    },
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
          await cropMix(site.origin, host.port, done)
          done += mix.length
        }
        after.push(await restingMemory(host.pid))
      }
      const [early = 0, late = 0] = after
      const note = `${early.toFixed(0)} MB after ${first}, ${late.toFixed(0)} MB after ${last}`
      return [{ name: 'growth', value: late / early, spread: null, note }]
    } finally {
      await host.end()
    }
  },
}

/** One crop of each of the mix, four at once, by a new guest. */
async function cropMix(origin: string, port: number, start: number): Promise<void> {
  const person = await signIn(port, origin)
  await runAtOnce(
    4,
    mix.map((photo, index) => async () => {
      const imageId = await person.upload(port, photo)
      await person.crop(port, imageId, squareArea(photo, start + index))
    }),
  )
}

/** Resident megabytes when nothing is asked for: the middle of several looks. */
async function restingMemory(pid: number): Promise<number> {
  const looks: number[] = []
  for (let look = 0; look < 5; look += 1) {
    await sleep(300)
    looks.push(memoryOf(pid).residentMb)
  }
  return median(looks)
}

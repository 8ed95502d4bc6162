import { measurePageLoad, type PageLoad } from '@/tools/testing/page-load'
import { type Bench, type Family, higherIsBetter, lowerIsBetter, type Measurement } from '../figure'
import { measured, median } from '../rounds'
import { siteDirectory } from '../site-build'
import { interactions, timeInteractions } from './interactions'
import { judge } from './lighthouse'
import { partsOf } from './script-parts'
import { startVisit, type Visit } from './visit'

const names = ['front', 'upload', 'crop', 'gallery'] as const
const shownParts = 14

/** What a browser loads for each screen. All families here have one name, so that one failure leaves the others. */
export const screenLoads: Family = {
  name: 'screens',
  figures: [
    ...names.map((name) =>
      lowerIsBetter(`scripts-${name}`, 'kB', 40, 'scripts of a first visit, compressed, beyond those of an empty app'),
    ),
    ...names.map((name) => lowerIsBetter(`paint-${name}`, 'ms', null, 'largest contentful paint without a slowdown')),
    lowerIsBetter('layout-shift', '', 0.1, 'cumulative layout shift of the worst screen'),
  ],
  run: (bench) => onVisit(bench, measureLoads),
}

/** How Lighthouse judges each screen. */
export const screenScores: Family = {
  name: 'screens',
  figures: names.map((name) =>
    higherIsBetter(`lighthouse-${name}`, '', 95, 'the lowest of four scores of Lighthouse, mobile'),
  ),
  run: (bench) => onVisit(bench, judgeAll),
}

/** How soon the screens respond on a slow processor. */
export const screenInputs: Family = {
  name: 'screens',
  figures: interactions.map((name) =>
    lowerIsBetter(`input-${name}`, 'ms', 200, 'input event to next frame, processor slowed down four times, 12 MP'),
  ),
  run: (bench) => onVisit(bench, timeAll),
}

async function onVisit(
  bench: Bench,
  measure: (bench: Bench, visit: Visit) => Promise<Measurement[]>,
): Promise<Measurement[]> {
  const visit = await startVisit(bench)
  try {
    return await measure(bench, visit)
  } finally {
    await visit.close()
  }
}

async function measureLoads(bench: Bench, visit: Visit): Promise<Measurement[]> {
  const emptyUrl = await visit.startEmpty()
  const empty = await visit.withPage(false, (page) => measurePageLoad(page, emptyUrl))
  const measurements: Measurement[] = []
  const shifts: number[] = []
  for (const { name, path } of visit.screens) {
    const loads: PageLoad[] = []
    for (let round = 0; round < bench.rounds; round += 1) {
      bench.onRound()
      loads.push(await visit.withPage(name !== 'front', (page) => measurePageLoad(page, visit.origin + path)))
    }
    const [load] = loads as [PageLoad]
    const [largest, second] = load.scripts.map(({ bytes }) => kilobytes(bytes))
    const note = `${kilobytes(load.scriptBytes)} kB, empty ${kilobytes(empty.scriptBytes)}; ${load.scripts.length} scripts, largest ${largest}, ${second}; HTML ${kilobytes(load.htmlBytes)} kB`
    const beyond = loads.map(({ scriptBytes }) => (scriptBytes - empty.scriptBytes) / 1000)
    measurements.push(measured(`scripts-${name}`, beyond, note))
    measurements.push(
      measured(
        `paint-${name}`,
        loads.map(({ largestPaintMs }) => largestPaintMs),
        '',
      ),
    )
    shifts.push(median(loads.map(({ layoutShift }) => layoutShift)))
    const parts = await partsOf(siteDirectory, load.scripts)
    bench.log(
      `  ${name}: ${parts
        .slice(0, shownParts)
        .map(([part, bytes]) => `${part} ${kilobytes(bytes)}`)
        .join(', ')}`,
    )
  }
  const note = visit.screens.map(({ name }, index) => `${name} ${shifts[index]?.toFixed(3)}`).join(', ')
  return [...measurements, { name: 'layout-shift', value: Math.max(...shifts), spread: null, note }]
}

async function judgeAll(bench: Bench, visit: Visit): Promise<Measurement[]> {
  const measurements: Measurement[] = []
  for (const screen of visit.screens) {
    const name = `lighthouse-${screen.name}`
    if (!bench.wants(name)) continue
    const scores = await judge(visit, screen, bench)
    const note = Object.entries(scores).map(([category, score]) => `${category} ${score}`)
    measurements.push({ name, value: Math.min(...Object.values(scores)), spread: null, note: note.join(', ') })
  }
  return measurements
}

async function timeAll(bench: Bench, visit: Visit): Promise<Measurement[]> {
  const rounds: Awaited<ReturnType<typeof timeInteractions>>[] = []
  for (let round = 0; round < bench.rounds; round += 1) {
    bench.onRound()
    rounds.push(await timeInteractions(visit))
  }
  return interactions.map((name) =>
    measured(
      `input-${name}`,
      rounds.map((round) => round[name]),
      '',
    ),
  )
}

function kilobytes(bytes: number): string {
  return (bytes / 1000).toFixed(1)
}

import { squareRecipe } from './crops'
import { type Bench, type Family, type FigureSpec, higherIsBetter, type Measurement } from './figure'
import { type Photo, photoFile } from './photos'
import { alternate, cpuMsEach, describeSides, measured, ratios, wallMsEach } from './rounds'
import { type CropWorker, startCropWorker } from './start-worker'
import { times } from './times'

/** The photos, the goal for each, and the number of crops per round. */
const cases: { name: string; photo: Photo; goal: number | null; crops: [full: number, quick: number] }[] = [
  { name: '12mp', photo: { megapixels: 12, format: 'jpg' }, goal: 3.3, crops: [8, 3] },
  { name: '12mp-exif6', photo: { megapixels: 12, format: 'jpg', orientation: 6 }, goal: 5.5, crops: [8, 3] },
  { name: '48mp', photo: { megapixels: 48, format: 'jpg' }, goal: 4.5, crops: [4, 2] },
  { name: '24mp', photo: { megapixels: 24, format: 'jpg' }, goal: null, crops: [4, 1] },
  { name: '12mp-png', photo: { megapixels: 12, format: 'png' }, goal: null, crops: [4, 1] },
  { name: '12mp-webp', photo: { megapixels: 12, format: 'webp' }, goal: null, crops: [4, 1] },
]

/** As many as the limiter of a host admits. */
const concurrency = 2

const figures = cases.flatMap(({ name, goal }): FigureSpec[] => [
  higherIsBetter(`engine-${name}`, '×', goal, `engine ÷ naive, crops for the same CPU time, ${name}`),
  higherIsBetter(`engine-${name}-rate`, '×', null, `engine ÷ naive, crops/s, ${name}`),
])

/** The engine against the naive way (see naive.ts), each in its own process. */
export const engine: Family = {
  name: 'engine',
  figures,
  async run(bench) {
    const workers = { naive: startCropWorker(), engine: startCropWorker() }
    try {
      const measurements: Measurement[] = []
      for (const each of cases) {
        const name = `engine-${each.name}`
        if (bench.wants(name) || bench.wants(`${name}-rate`))
          measurements.push(...(await runCase(bench, each, workers)))
      }
      return measurements
    } finally {
      await Promise.all([workers.naive.end(), workers.engine.end()])
    }
  },
}

async function runCase(
  bench: Bench,
  { name, photo, crops }: (typeof cases)[number],
  workers: Record<'naive' | 'engine', CropWorker>,
): Promise<Measurement[]> {
  const file = await photoFile(photo)
  const count = bench.amount(...crops)
  const side = (way: 'naive' | 'engine') => (round: number) => {
    const recipes = times(round === 0 ? 1 : count, (index) => squareRecipe(photo, round * count + index))
    return workers[way].run({ way, file, recipes, concurrency })
  }
  const samples = await alternate(bench, { naive: side('naive'), engine: side('engine') })
  return [
    measured(
      `engine-${name}`,
      ratios(samples.naive, samples.engine, cpuMsEach),
      `CPU for a crop: ${describeSides(samples, cpuMsEach)}`,
    ),
    measured(
      `engine-${name}-rate`,
      ratios(samples.naive, samples.engine, wallMsEach),
      `a crop, ${concurrency} at a time: ${describeSides(samples, wallMsEach)}`,
    ),
  ]
}

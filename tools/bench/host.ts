import { squareRecipe } from './crops'
import { type Family, higherIsBetter } from './figure'
import { cropByHost, uploadAhead } from './host-crops'
import { type Photo, photoFile } from './photos'
import { alternate, cpuMsEach, describeSides, measured, ratios, wallMsEach } from './rounds'
import { startCropWorker } from './start-worker'
import { times } from './times'

const photo: Photo = { megapixels: 12, format: 'jpg' }
const concurrency = 4

/** The cost that a host adds to its engine: HTTP, session, download, upload, signatures. */
export const host: Family = {
  name: 'host',
  figures: [
    higherIsBetter('host-cpu', '×', 0.85, 'CPU for a crop, the engine in a bare loop ÷ a host over HTTP and store'),
    higherIsBetter(
      'host-rate',
      '×',
      0.85,
      'crops/s of the route ÷ of the bare loop, 4 at a time, store and client on the same cores',
    ),
  ],
  async run(bench) {
    const running = await bench.host()
    const { origin } = await bench.site()
    const file = await photoFile(photo)
    const count = bench.amount(24, 8)
    const worker = startCropWorker()
    try {
      const samples = await alternate(bench, {
        bare(round) {
          const recipes = times(count, (index) => squareRecipe(photo, round * count + index))
          return worker.run({ way: 'engine', file, recipes, concurrency })
        },
        async host(round) {
          const photos = times(count, () => photo)
          const crops = await uploadAhead({ host: running, origin, photos, start: round * count, concurrency })
          return cropByHost({ host: running, crops, concurrency })
        },
      })
      return [
        measured(
          'host-cpu',
          ratios(samples.bare, samples.host, cpuMsEach),
          `CPU for a crop: ${describeSides(samples, cpuMsEach)}`,
        ),
        measured(
          'host-rate',
          ratios(samples.bare, samples.host, wallMsEach),
          `a crop, ${concurrency} at a time: ${describeSides(samples, wallMsEach)}`,
        ),
      ]
    } finally {
      await worker.end()
    }
  },
}

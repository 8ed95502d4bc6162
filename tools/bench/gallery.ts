import { performance } from 'node:perf_hooks'
import { missingCephPrograms } from '@/tools/ceph/ceph-packages'
import type { Family } from './figure'
import { type Person, signIn } from './person'
import { cpuMsOf } from './process-stat'
import { alternate, cpuMsEach, describeSides, measured, ratios, type Sample, wallMsEach } from './rounds'
import { giveImages } from './saved-images'
import type { Host } from './site'

const few = 100

/** Whether the gallery's first page takes longer for a person with many images, on a real S3 server. */
export const gallery: Family = {
  name: 'gallery',
  figures: [
    {
      name: 'gallery',
      unit: '×',
      goal: 1.3,
      better: 'lower',
      about: 'the gallery’s first page, 20,000 images of one person ÷ 100 (--quick: 2,000), radosgw, server time',
    },
  ],
  whySkipped() {
    const missing = missingCephPrograms()
    return missing.length === 0 ? null : `Ceph radosgw is not installed: ${missing.join(', ')} not found`
  },
  async run(bench) {
    const many = bench.amount(20_000, 2_000)
    const site = await bench.openSite('ceph')
    try {
      const host = await site.startHost()
      const [littlePerson, bigPerson] = [await signIn(host.port, site.origin), await signIn(host.port, site.origin)]
      await giveImages(site, host, littlePerson, { count: few, withFiles: false })
      bench.log(`gallery: saving ${many} images of one person …`)
      await giveImages(site, host, bigPerson, { count: many, withFiles: false })
      const count = bench.amount(30, 10)
      const samples = await alternate(bench, {
        few: () => openGallery(host, littlePerson, count),
        many: () => openGallery(host, bigPerson, count),
      })
      return [
        measured(
          'gallery',
          ratios(samples.many, samples.few, wallMsEach),
          `a page: ${describeSides(samples, wallMsEach, 1)}; the host's CPU in it: ${describeSides(samples, cpuMsEach, 1)}`,
        ),
      ]
    } finally {
      await site.close()
    }
  },
}

/** Opens pages one after the other, and reads each to its end. */
async function openGallery(host: Host, person: Person, count: number): Promise<Sample> {
  const startedAt = performance.now()
  const cpuBefore = cpuMsOf(host.pid)
  for (let index = 0; index < count; index += 1) {
    const page = await person.ask(host.port, 'GET', '/gallery')
    // The URL of a saved variant.
    if (page.status !== 200 || !page.body.includes('/media/'))
      throw new Error(`the gallery was answered ${page.status}`)
  }
  return { count, cpuMs: cpuMsOf(host.pid) - cpuBefore, wallMs: performance.now() - startedAt }
}

import { missingCephPrograms } from '@/tools/ceph/ceph-packages'
import type { ApiClient } from '@/tools/testing/api-client'
import { expectStatus } from '@/tools/testing/http'
import { cpuMsOf } from '@/tools/testing/process-stat'
import { type Family, lowerIsBetter } from './figure'
import { signIn } from './person'
import { alternate, cpuMsEach, describeSides, measured, ratios, type Sample, takeSample, wallMsEach } from './rounds'
import { writeImages } from './saved-images'
import type { Host } from './site'

const few = 100

/** How much longer the gallery's first page takes for a person with many images, on a real S3 server. */
export const gallery: Family = {
  name: 'gallery',
  figures: [
    lowerIsBetter(
      'gallery',
      '×',
      1.3,
      'the gallery’s first page, 20,000 images of one person ÷ 100 (--quick: 2,000), radosgw, server time',
    ),
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
      const [small, large] = [await signIn(host.url, site.origin), await signIn(host.url, site.origin)]
      await writeImages(site, small, { count: few, withFiles: false })
      bench.log(`gallery: saving ${many} images of one person …`)
      await writeImages(site, large, { count: many, withFiles: false })
      const count = bench.amount(30, 10)
      const samples = await alternate(bench, {
        few: () => openGallery(host, small, count),
        many: () => openGallery(host, large, count),
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

/** Opens the page several times, one after another, and reads each response to its end. */
function openGallery({ pid }: Host, person: ApiClient, count: number): Promise<Sample> {
  const open = async () => {
    const page = expectStatus(200, await person.send('GET', '/gallery'), 'the gallery')
    // The URL of a saved variant.
    if (!page.body.includes('/media/')) throw new Error('the gallery shows no images')
  }
  return takeSample(Array(count), open, { cpuMs: () => cpuMsOf(pid), concurrency: 1 })
}

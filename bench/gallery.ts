import { randomBytes } from 'node:crypto'
import { performance } from 'node:perf_hooks'
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { missingCephPrograms } from '@/dev/ceph/ceph-packages'
import { toBase32 } from '@/lib/base32'
import { defaultCollection } from '@/lib/images/collections'
import { createUploadId, imageIdOf } from '@/lib/images/ids'
import { entryKey, firstRevision } from '@/lib/images/keys'
import { runAtOnce, times } from './at-once'
import type { Family } from './figure'
import { type Person, signIn } from './person'
import { cpuMsOf } from './process-stat'
import { alternate, cpuMsEach, describeSides, measured, ratios, type Sample, wallMsEach } from './rounds'
import type { Host, Site } from './site'

const few = 100
const putsAtOnce = 32

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
      await fillGallery(site, host, littlePerson, few)
      bench.log(`gallery: saving ${many} images of one person …`)
      await fillGallery(site, host, bigPerson, many)
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

/** Saves images by their entries alone: the gallery reads nothing else. */
async function fillGallery(site: Site, host: Host, person: Person, count: number): Promise<void> {
  const session = await person.ask(host.port, 'GET', '/api/session')
  const { user }: { user: { id: string } } = JSON.parse(session.body.toString())
  const { region, ...credentials } = site.storeKeys
  const client = new S3Client({
    endpoint: `http://127.0.0.1:${site.storePort}`,
    region,
    credentials,
    forcePathStyle: true,
    requestChecksumCalculation: 'WHEN_REQUIRED',
  })
  const newest = Date.now()
  try {
    await runAtOnce(
      putsAtOnce,
      times(count, (index) => () => {
        const uploadId = createUploadId(user.id, defaultCollection, newest - index * 60_000)
        const cropId = toBase32(randomBytes(20))
        const imageId = imageIdOf(user.id, uploadId, cropId, true)
        const key = entryKey(user.id, { imageId, revision: firstRevision, cropId, format: 'jpg', flags: '', alt: '' })
        return client.send(new PutObjectCommand({ Bucket: site.bucket, Key: key, Body: '', ContentLength: 0 }))
      }),
    )
  } finally {
    client.destroy()
  }
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

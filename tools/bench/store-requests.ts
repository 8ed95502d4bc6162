import { connectBucket } from '@/lib/s3/client'
import { copyObject, getObject, listAllObjects, putObject } from '@/lib/s3/objects'
import { presignGet } from '@/lib/s3/presign'
import { ownCpuMs } from '@/tools/testing/process-stat'
import { type Family, lowerIsBetter } from './figure'
import { alternate, cpuMsEach, measured, takeSample } from './rounds'

const megabyte = 1_000_000
const image = { contentType: 'image/webp' }

/** The requests and signatures for the crop of a new upload. */
const perCrop = { list: 1, get: 1, copy: 1, put: 5, sign: 4 }

/** The CPU time of a host's requests to the store: nearly all that a host adds to its engine. */
export const storeRequests: Family = {
  name: 'store-requests',
  figures: [
    lowerIsBetter(
      'store-requests',
      'ms',
      null,
      'CPU of all requests of a crop of 4 MB to the store, each kind in its own loop in the process of the bench',
    ),
  ],
  async run(bench) {
    const site = await bench.site()
    const { accessKeyId, secretAccessKey, region } = site.storeKeys
    // The product's clients read their credentials from the environment.
    Object.assign(process.env, {
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
    })
    const bucket = connectBucket({
      name: site.bucket,
      region,
      endpoint: `http://127.0.0.1:${site.storePort}`,
      publicEndpoint: undefined,
      forcePathStyle: true,
      timeoutMs: 7_500,
    })
    await putObject(bucket, 'drafts/bench/upload', Buffer.alloc(4 * megabyte, 1), image)
    const variant = Buffer.alloc(0.04 * megabyte, 1)
    const requests: Record<keyof typeof perCrop, (index: number) => Promise<unknown>> = {
      list: () => listAllObjects(bucket, 'drafts/bench/upload'),
      copy: () => copyObject(bucket, 'drafts/bench/upload', 'drafts/bench/copy'),
      get: () => getObject(bucket, 'drafts/bench/upload', 5 * megabyte),
      put: (index) => putObject(bucket, `drafts/bench/variant-${index % 4}`, variant, image),
      sign: (index) => presignGet(bucket, `drafts/bench/variant-${index}`),
    }
    const count = bench.amount(100, 30)
    const sample = (request: (index: number) => Promise<unknown>) => () =>
      takeSample(Array(count), (_, index) => request(index), { cpuMs: ownCpuMs, concurrency: 1 })
    const names = Object.keys(perCrop) as (keyof typeof perCrop)[]
    const sides = Object.fromEntries(names.map((name) => [name, sample(requests[name])]))
    const samples = await alternate(bench, sides as Record<keyof typeof perCrop, ReturnType<typeof sample>>)
    const sums = samples.put.map((_, round) =>
      names.reduce((sum, name) => sum + perCrop[name] * cpuMsEach(samples[name][round] as (typeof samples.put)[0]), 0),
    )
    const each = names.map((name) => {
      const { value } = measured(name, samples[name].map(cpuMsEach), '')
      return `${perCrop[name]} ${name} of ${value.toFixed(2)}`
    })
    return [measured('store-requests', sums, each.join(', '))]
  },
}

import { basename, dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { defaultCollection } from '@/lib/images/collections'
import type { Area } from '@/lib/images/schema'
import { type Children, createChildren, endWithParent } from '@/tools/process/child-process'
import { UserError } from '@/tools/process/errors'
import { expectStatus, sendRequest } from '@/tools/testing/http'
import { findFreePorts } from '@/tools/testing/ports'
import { cpuMsOf } from '@/tools/testing/process-stat'
import { squareArea } from './crops'
import { type Family, higherIsBetter } from './figure'
import { cropByHost, uploadAhead } from './host-crops'
import { installFor } from './install'
import { type Photo, photoFile } from './photos'
import { alternate, cpuMsEach, describeSides, measured, ratios, type Sample, takeSample, wallMsEach } from './rounds'
import { times } from './times'

const photo: Photo = { megapixels: 12, format: 'jpg' }
const concurrency = 2

/**
 * A host against ipx, which many sites use: both receive HTTP requests for the same four variants of the same crops.
 * ipx reads local files and stores nothing; the host reads from the store, writes to it, and signs URLs.
 */
export const ipx: Family = {
  name: 'ipx',
  figures: [
    higherIsBetter('ipx', '×', 3, 'a host ÷ ipx, crops of four variants for the same CPU time, 12 MP'),
    higherIsBetter('ipx-rate', '×', null, 'a host ÷ ipx, crops/s, 12 MP'),
  ],
  async run(bench) {
    const host = await bench.host()
    const { origin } = await bench.site()
    const count = bench.amount(12, 6)
    const children = createChildren()
    try {
      const server = await startIpx(children, await photoFile(photo), bench.log)
      const samples = await alternate(bench, {
        ipx: (round) =>
          cropByIpx(
            server,
            times(count, (index) => squareArea(photo, round * count + index)),
          ),
        async host(round) {
          const crops = await uploadAhead({
            host,
            origin,
            photos: times(count, () => photo),
            start: round * count,
            concurrency,
          })
          return cropByHost({ host, crops, concurrency })
        },
      })
      return [
        measured(
          'ipx',
          ratios(samples.ipx, samples.host, cpuMsEach),
          `CPU for a crop: ${describeSides(samples, cpuMsEach)}`,
        ),
        measured(
          'ipx-rate',
          ratios(samples.ipx, samples.host, wallMsEach),
          `a crop, ${concurrency} at a time: ${describeSides(samples, wallMsEach)}`,
        ),
      ]
    } finally {
      await children.end()
    }
  },
}

interface IpxServer {
  url: string
  pid: number
  file: string
}

/** Starts ipx by its own command with its defaults and the memory settings of a host. Installs it on first use. */
async function startIpx(children: Children, file: string, log: (line: string) => void): Promise<IpxServer> {
  const directory = await installFor('ipx', children, log)
  const command = join(directory, 'node_modules/ipx/bin/ipx.mjs')
  const [port] = (await findFreePorts(1, [])) as [number]
  const child = children.start({
    name: 'ipx',
    args: [
      ...endWithParent,
      command,
      'serve',
      '--dir',
      dirname(file),
      '--port',
      String(port),
      '--hostname',
      '127.0.0.1',
      '--no-clipboard',
      '--no-open',
    ],
    cwd: directory,
    env: { ...process.env, NODE_ENV: 'production', MALLOC_ARENA_MAX: '2' },
    onLine: () => {},
  })
  let hasEnded = false
  void child.ended.then(() => {
    hasEnded = true
  })
  const url = `http://127.0.0.1:${port}`
  const deadline = Date.now() + 60_000
  while (!(await isUp(url))) {
    if (hasEnded || Date.now() > deadline) {
      await child.end()
      throw new UserError(`ipx did not start: ${await child.lastOutput()}`)
    }
    await sleep(100)
  }
  return { url, pid: child.pid as number, file: basename(file) }
}

function isUp(url: string): Promise<boolean> {
  return sendRequest({ method: 'GET', url }).then(
    () => true,
    () => false,
  )
}

function cropByIpx({ url, pid, file }: IpxServer, areas: Area[]): Promise<Sample> {
  const crop = async ({ x, y, width, height }: Area) => {
    // In parallel, as a page requests its images.
    const variants = defaultCollection.variants.map(async (variant) => {
      const cut = `extract_${x}_${y}_${width}_${height},resize_${variant.width}x${variant.height}`
      const request = { method: 'GET', url: `${url}/${cut},quality_82,format_webp/${file}` }
      const { headers } = expectStatus(200, await sendRequest(request), 'a crop by ipx')
      if (headers['content-type'] !== 'image/webp') throw new Error(`ipx sent ${headers['content-type']}`)
    })
    await Promise.all(variants)
  }
  return takeSample(areas, crop, { cpuMs: () => cpuMsOf(pid), concurrency })
}

import { performance } from 'node:perf_hooks'
import { expectStatus, sendRequest } from '@/tools/testing/http'
import { type Family, lowerIsBetter } from './figure'
import { measured } from './rounds'

/** How soon a new host serves requests: the time that a deployment waits. */
export const coldStart: Family = {
  name: 'cold-start',
  figures: [
    lowerIsBetter(
      'cold-start',
      'ms',
      null,
      'start of a host to its first 200 (/livez); 1,000 or less on a quiet machine',
    ),
    lowerIsBetter('cold-start-page', 'ms', null, 'start of a host to its first complete page'),
  ],
  async run(bench) {
    const site = await bench.site()
    const live: number[] = []
    const paged: number[] = []
    for (let round = 0; round < Math.max(2, bench.rounds); round += 1) {
      bench.onRound()
      const host = await site.startHost()
      try {
        live.push(host.liveAfterMs)
        expectStatus(200, await sendRequest({ method: 'GET', url: host.url }), 'the first page')
        paged.push(performance.now() - host.startedAt)
      } finally {
        await host.end()
      }
    }
    const note = `${live.length} starts`
    return [measured('cold-start', live, note), measured('cold-start-page', paged, note)]
  },
}

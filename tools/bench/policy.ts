import type { ApiClient } from '@/tools/testing/api-client'
import { expectStatus } from '@/tools/testing/http'
import { cpuMsOf } from '@/tools/testing/process-stat'
import { type Family, higherIsBetter } from './figure'
import { signIn } from './person'
import { alternate, cpuMsEach, describeSides, measured, ratios, type Sample, takeSample, wallMsEach } from './rounds'
import type { Host } from './site'
import { actionId } from './site-build'

const concurrency = 4
const upload = { collection: 'avatars', contentType: 'image/jpeg', size: 5_000_000 }

/** The server action that issues an upload, against an action of the same build that does nothing. */
export const policy: Family = {
  name: 'policy',
  figures: [
    higherIsBetter(
      'policy',
      '×',
      0.8,
      'issuing a policy by action (without the quota check) ÷ a trivial action, requests for the same CPU time',
    ),
    higherIsBetter('policy-rate', '×', null, 'the same, requests/s'),
    higherIsBetter(
      'policy-with-quota',
      '×',
      null,
      'the same with the quota check, which lists what the person has, in four requests to the store',
    ),
  ],
  async run(bench) {
    const site = await bench.site()
    const [whole, unchecked] = await Promise.all([bench.host(), site.startHost({ BENCH_WITHOUT_QUOTA: '1' })])
    try {
      const person = await signIn(whole.url, site.origin)
      const [trivial, startUpload] = await Promise.all([actionId('trivial'), actionId('startUpload')])
      const count = bench.amount(600, 200)
      const samples = await alternate(bench, {
        trivial: () => call({ host: unchecked, person, action: trivial, args: [], count, contains: 'null' }),
        issue: () =>
          call({ host: unchecked, person, action: startUpload, args: [upload], count, contains: 'uploadId' }),
        issueWithQuota: () =>
          call({ host: whole, person, action: startUpload, args: [upload], count, contains: 'uploadId' }),
      })
      const { trivial: nothing, issue, issueWithQuota } = samples
      return [
        measured(
          'policy',
          ratios(nothing, issue, cpuMsEach),
          `CPU for a request: ${describeSides({ trivial: nothing, issue }, cpuMsEach, 2)}`,
        ),
        measured(
          'policy-rate',
          ratios(nothing, issue, wallMsEach),
          `a request, ${concurrency} at a time: ${describeSides({ trivial: nothing, issue }, wallMsEach, 2)}`,
        ),
        measured(
          'policy-with-quota',
          ratios(nothing, issueWithQuota, cpuMsEach),
          `CPU for a request: ${describeSides({ issue: issueWithQuota }, cpuMsEach, 2)}`,
        ),
      ]
    } finally {
      await unchecked.end()
    }
  },
}

/** Calls an action as Next's client does: by id, with plain arguments in React's encoding. */
function call(options: {
  host: Host
  person: ApiClient
  action: string
  args: unknown[]
  count: number
  /** A part of the response. */
  contains: string
}): Promise<Sample> {
  const { host, person, action, args, count, contains } = options
  const headers = { accept: 'text/x-component', 'next-action': action, 'content-type': 'text/plain;charset=UTF-8' }
  const atHost = person.at(host.url)
  const callOnce = async () => {
    const { body } = expectStatus(200, await atHost.send('POST', '/bench', args, headers), 'an action')
    if (!body.includes(contains)) throw new Error(`an action returned ${body.toString('utf8', 0, 300)}`)
  }
  return takeSample(Array(count), callOnce, { cpuMs: () => cpuMsOf(host.pid), concurrency })
}

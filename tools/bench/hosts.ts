import type { ApiClient } from '@/tools/testing/api-client'
import { cpuMsOf } from '@/tools/testing/process-stat'
import { type Family, lowerIsBetter } from './figure'
import { makeJourney } from './journey'
import { signIn } from './person'
import { alternate, cpuMsEach, describeSides, measured, ratios, type Sample, takeSample } from './rounds'
import type { Host } from './site'
import { times } from './times'

const people = 3

/** What hosts cost each other: the same journeys on one host, and spread over three. */
export const hosts: Family = {
  name: 'hosts',
  figures: [lowerIsBetter('hosts', '×', 1.1, "hosts' CPU for a whole journey at 3 hosts ÷ at 1 host")],
  async run(bench) {
    const site = await bench.site()
    const started: Host[] = []
    try {
      // All three are new processes, so that none is warmer than the others.
      for (let count = 0; count < 3; count += 1) started.push(await site.startHost())
      const [first] = started as [Host]
      const guests = await Promise.all(times(people, () => signIn(first.url, site.origin)))
      let made = 0
      const load = async (hostsOfSide: Host[], count: number) => {
        made += count
        return makeJourneys(
          hostsOfSide,
          guests,
          times(count, (index) => made + index),
        )
      }
      const count = bench.amount(12, 6)
      // Warms up each host with as many journeys as the single host makes.
      for (const host of started) await load([host], count)
      const samples = await alternate(bench, {
        one: () => load([first], count),
        three: () => load(started, count),
      })
      const note = `CPU for a journey: ${describeSides(samples, cpuMsEach)}`
      return [measured('hosts', ratios(samples.three, samples.one, cpuMsEach), note)]
    } finally {
      await Promise.all(started.map((host) => host.end()))
    }
  },
}

/** Makes the journeys of all people at the same time. Hosts take turns with each request, as behind a balancer. */
function makeJourneys(hostsInTurn: Host[], guests: ApiClient[], indices: number[]): Promise<Sample> {
  let turn = 0
  const nextHost = () => {
    const host = hostsInTurn[turn % hostsInTurn.length] as Host
    turn += 1
    return host.url
  }
  const cpuMs = () => hostsInTurn.reduce((sum, { pid }) => sum + cpuMsOf(pid), 0)
  const journey = (index: number) => makeJourney(guests[index % guests.length] as ApiClient, nextHost, index)
  return takeSample(indices, journey, { cpuMs, concurrency: guests.length })
}

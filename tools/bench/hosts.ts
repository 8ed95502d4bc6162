import { performance } from 'node:perf_hooks'
import { runAtOnce, times } from './at-once'
import type { Family } from './figure'
import { makeJourney } from './journey'
import { type Person, signIn } from './person'
import { cpuMsOf } from './process-stat'
import { alternate, cpuMsEach, describeSides, measured, ratios, type Sample } from './rounds'
import type { Host } from './site'

const people = 3

/** Whether hosts cost each other anything: the same journeys on one of them, and spread over three. */
export const hosts: Family = {
  name: 'hosts',
  figures: [
    {
      name: 'hosts',
      unit: '×',
      goal: 1.1,
      better: 'lower',
      about: "hosts' CPU for a whole journey at 3 hosts ÷ at 1 host",
    },
  ],
  async run(bench) {
    const site = await bench.site()
    const started: Host[] = []
    try {
      // All three have just begun, so that none is warmer than the others.
      for (let count = 0; count < 3; count += 1) started.push(await site.startHost())
      const [first] = started as [Host]
      const guests = await runAtOnce(
        1,
        times(people, () => () => signIn(first.port, site.origin)),
      )
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
      // Each for itself, as long as the one host that will do all of it.
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

/** Journeys of all people at once; each request goes to the next host in turn, as a balancer would send it. */
async function makeJourneys(hostsInTurn: Host[], guests: Person[], indices: number[]): Promise<Sample> {
  let turn = 0
  const nextPort = () => {
    const host = hostsInTurn[turn % hostsInTurn.length] as Host
    turn += 1
    return host.port
  }
  const cpuUsed = () => hostsInTurn.reduce((sum, { pid }) => sum + cpuMsOf(pid), 0)
  const startedAt = performance.now()
  const cpuBefore = cpuUsed()
  await runAtOnce(
    guests.length,
    indices.map((index) => () => makeJourney(guests[index % guests.length] as Person, nextPort, index)),
  )
  return { count: indices.length, cpuMs: cpuUsed() - cpuBefore, wallMs: performance.now() - startedAt }
}

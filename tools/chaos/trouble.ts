import { setTimeout as sleep } from 'node:timers/promises'
import type { Log } from '@/tools/process/progress'
import type { StandaloneBuild } from '@/tools/stack/standalone-build'
import { type Choices, choicesOf } from './choices'
import type { FleetHost } from './fleet'
import type { Tally } from './tally'

/** The mean interval of each action on hosts, in seconds. Each interval varies by half. */
const everySeconds = { kill: 10.5, freeze: 25, drain: 75, killAll: 200, roll: 120 }

/** The minimum of kills per minute. The intervals above give a few more. */
export const killsPerMinute = 200 / 30

/**
 * Kills, freezes, drains and rolls hosts according to the seed, until the signal aborts. All hosts run at the end. One
 * host always runs undisturbed, except when all are killed together, for about a second.
 * @param artefacts the builds to roll between
 */
export async function troubleHosts(options: {
  hosts: FleetHost[]
  artefacts: StandaloneBuild[]
  whenInRotation: (name: string) => Promise<void>
  seed: number
  tally: Tally
  signal: AbortSignal
  log: Log
}): Promise<void> {
  const { hosts, artefacts, whenInRotation, seed, tally, signal, log } = options
  const run: Record<keyof typeof everySeconds, (choices: Choices) => Promise<void>> = {
    kill: (choices) => toOne(choices, (host) => kill(host, choices.between(0, 2500))),
    freeze: (choices) =>
      toOne(choices, async (host) => {
        tally.stops += 1
        host.freeze()
        await sleep(choices.between(500, 15_000))
        // Its requests continue. Some end by a kill shortly after.
        const isKilled = choices.chance(0.4)
        host.thaw()
        if (!isKilled) return
        await sleep(choices.between(0, 40))
        await kill(host, choices.between(0, 1500))
      }),
    drain: (choices) =>
      toOne(choices, async (host) => {
        await host.drain()
        tally.drains += 1
        await host.start()
      }),
    killAll: async (choices) => {
      const free = hosts.filter((host) => host.isFree)
      const downMs = choices.between(300, 1500)
      await Promise.all(free.map((host) => host.alone(() => kill(host, downMs))))
    },
    roll: async () => {
      const next = artefacts[
        (artefacts.indexOf((hosts[0] as FleetHost).artefact) + 1) % artefacts.length
      ] as StandaloneBuild
      for (const host of hosts) {
        // The next process serves the new build, even after a kill.
        host.artefact = next
        while (!host.isFree) await sleep(50)
        await host.alone(async () => {
          await host.drain()
          await host.start()
          // A deployment waits for this before the next host.
          await whenInRotation(host.name)
        })
      }
      tally.rolls += 1
      log(`rolled to ${next.directory}`)
    },
  }

  async function toOne(choices: Choices, work: (host: FleetHost) => Promise<void>): Promise<void> {
    const freeHosts = () => hosts.filter((host) => host.isFree)
    // On a slow machine hosts start slowly, and the action runs later.
    while (freeHosts().length < 2) {
      if (signal.aborted) return
      await sleep(50)
    }
    const host = choices.pick(freeHosts())
    await host.alone(() => work(host))
  }

  async function kill(host: FleetHost, downMs: number): Promise<void> {
    await host.kill()
    tally.kills += 1
    await sleep(downMs)
    await host.start()
  }

  const names = Object.keys(everySeconds) as (keyof typeof everySeconds)[]
  await Promise.all(
    names.map(async (name) => {
      const choices = choicesOf(seed, name)
      const running = new Set<Promise<void>>()
      for (let times = 0; ; times += 1) {
        // The first time comes early, so that a run of three minutes has a drain and a roll.
        const waitMs = everySeconds[name] * 1000 * choices.between(0.5, times === 0 ? 1 : 1.5)
        const isOver = await sleep(waitMs, false, { signal }).catch(() => true)
        if (isOver) break
        // A host that starts slowly does not delay the next kill of another one.
        const work = run[name](choices).finally(() => running.delete(work))
        running.add(work)
        if (name !== 'kill') await work
      }
      await Promise.all(running)
    }),
  )
}

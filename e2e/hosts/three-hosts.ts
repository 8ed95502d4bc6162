import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test as base } from '@/e2e/test'
import type { Environment } from '@/tools/stack/host-environment'
import { startStack } from '@/tools/stack/stack'
import { findFreePorts } from '@/tools/testing/ports'

/** Three hosts on a bundled store and a balancer of their own, each to be started anew with another environment. */
export interface ThreeHosts {
  origin: string
  hosts: { name: string; origin: string }[]
  /** Laid over a host's environment when it is started next. */
  set(name: string, env: Environment): void
  restartHost(name: string): Promise<void>
}

interface Options {
  /** Of each host from the beginning. */
  environment: Environment
}

/** A test on three hosts of its own, which its file shares. */
export const test = base.extend<{ stack: ThreeHosts }, { threeHosts: ThreeHosts } & Options>({
  environment: [{}, { option: true, scope: 'worker' }],
  threeHosts: [
    async ({ environment }, use) => {
      const [port, storePort] = (await findFreePorts(2, [])) as [number, number]
      const stateDirectory = await mkdtemp(join(tmpdir(), 'three-hosts-'))
      const changed = new Map<string, Environment>()
      const stack = await startStack({
        store: 'bundled',
        stateDirectory,
        port,
        storePort,
        hosts: 3,
        envOfHost: (name) => ({ ...environment, ...changed.get(name) }),
        log: () => undefined,
      })
      await use({
        origin: stack.origin,
        hosts: stack.hosts.map((host) => ({ name: host.name, origin: `http://127.0.0.1:${host.port}` })),
        set: (name, env) => changed.set(name, env),
        restartHost: stack.restartHost,
      })
      await stack.close()
      await rm(stateDirectory, { recursive: true })
    },
    // A build may have to be made, where the site's own stack was started by hand.
    { scope: 'worker', timeout: 600_000 },
  ],
  stack: ({ threeHosts }, use) => use(threeHosts),
  baseURL: ({ threeHosts }, use) => use(threeHosts.origin),
})

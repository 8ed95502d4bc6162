import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test as base } from '@/e2e/test'
import type { Environment } from '@/tools/stack/host-environment'
import { startStack } from '@/tools/stack/stack'
import { findFreePorts } from '@/tools/testing/ports'

/** Three hosts with their own bundled store and balancer. Each can be restarted with another environment. */
export interface ThreeHosts {
  origin: string
  hosts: { name: string; origin: string }[]
  /** Overrides a host's environment at its next start. */
  set(name: string, env: Environment): void
  restartHost(name: string): Promise<void>
}

interface Options {
  /** The environment of every host. */
  environment: Environment
}

/** A test on three hosts shared by the tests of its file. */
export const test = base.extend<{ stack: ThreeHosts }, { threeHosts: ThreeHosts } & Options>({
  environment: [{}, { option: true, scope: 'worker' }],
  threeHosts: [
    async ({ environment }, use) => {
      const [port, storePort] = (await findFreePorts(2, [])) as [number, number]
      const stateDirectory = await mkdtemp(join(tmpdir(), 'three-hosts-'))
      const overrides = new Map<string, Environment>()
      const stack = await startStack({
        store: 'bundled',
        stateDirectory,
        port,
        storePort,
        hosts: 3,
        envOfHost: (name) => ({ ...environment, ...overrides.get(name) }),
        log: () => undefined,
      })
      await use({
        origin: stack.origin,
        hosts: stack.hosts.map((host) => ({ name: host.name, origin: `http://127.0.0.1:${host.port}` })),
        set: (name, env) => overrides.set(name, env),
        restartHost: stack.restartHost,
      })
      await stack.close()
      await rm(stateDirectory, { recursive: true })
    },
    // May include a build, if the site's stack was started by hand.
    { scope: 'worker', timeout: 600_000 },
  ],
  stack: ({ threeHosts }, use) => use(threeHosts),
  baseURL: ({ threeHosts }, use) => use(threeHosts.origin),
})

import { mkdtemp, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { S3Client } from '@aws-sdk/client-s3'
import { removeState } from '@/e2e/state'
import { test as base } from '@/e2e/test'
import type { IdentityProvider } from '@/tools/identity-provider/identity-provider'
import { type Environment, storeRegion } from '@/tools/stack/host-environment'
import { startStack } from '@/tools/stack/stack'
import { findFreePorts } from '@/tools/testing/ports'

/** Three hosts with their own bundled store and balancer. Each can be restarted with another environment. */
export interface ThreeHosts {
  origin: string
  /** The stack's directory for secrets, logs and objects. */
  stateDirectory: string
  /** The provider that people sign in at. Undefined if they are guests. */
  identityProvider: IdentityProvider | undefined
  hosts: { name: string; origin: string }[]
  /** Overrides a host's environment at its next start. */
  set(name: string, env: Environment): void
  restartHost(name: string): Promise<void>
  /** Kills a host, as a power failure would. */
  killHost(name: string): Promise<unknown>
  /** A client of the store. */
  s3: S3Client
}

interface Options {
  /** The environment of every host. */
  environment: Environment
  /** What it is instead for some hosts. */
  environmentOf: Record<string, Environment>
  /** Whether people sign in at the development provider, instead of being guests. */
  hasAccounts: boolean
}

/** A test on three hosts shared by the tests of its file. */
export const test = base.extend<{ stack: ThreeHosts }, { threeHosts: ThreeHosts } & Options>({
  environment: [{}, { option: true, scope: 'worker' }],
  environmentOf: [{}, { option: true, scope: 'worker' }],
  hasAccounts: [false, { option: true, scope: 'worker' }],
  threeHosts: [
    async ({ environment, environmentOf, hasAccounts }, use) => {
      const [port, storePort, providerPort] = (await findFreePorts(3, [])) as [number, number, number]
      const stateDirectory = await mkdtemp(join(tmpdir(), 'three-hosts-'))
      const overrides = new Map<string, Environment>()
      const stack = await startStack({
        store: 'bundled',
        stateDirectory,
        port,
        storePort,
        identityProviderPort: hasAccounts ? providerPort : undefined,
        hosts: 3,
        envOfHost: (name) => ({ ...environment, ...environmentOf[name], ...overrides.get(name) }),
        log: () => undefined,
      })
      const secrets = JSON.parse(await readFile(join(stateDirectory, 'secrets.json'), 'utf8'))
      const credentials = { accessKeyId: secrets.storeAccessKeyId, secretAccessKey: secrets.storeSecretAccessKey }
      const s3 = new S3Client({
        endpoint: stack.storeEndpoint,
        region: storeRegion,
        credentials,
        forcePathStyle: true,
      })
      await use({
        origin: stack.origin,
        stateDirectory,
        identityProvider: stack.identityProvider,
        hosts: stack.hosts.map((host) => ({ name: host.name, origin: `http://127.0.0.1:${host.port}` })),
        set: (name, env) => overrides.set(name, env),
        restartHost: stack.restartHost,
        killHost: stack.killHost,
        s3,
      })
      s3.destroy()
      await stack.close()
      await removeState(stateDirectory)
    },
    // May include a build, if the site's stack was started by hand.
    { scope: 'worker', timeout: 600_000 },
  ],
  stack: ({ threeHosts }, use) => use(threeHosts),
  baseURL: ({ threeHosts }, use) => use(threeHosts.origin),
})

import { mkdtemp, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { removeState } from '@/e2e/state'
import { test as base } from '@/e2e/test'
import { missingApacheParts } from '@/tools/apache/apache-package'
import { startApache } from '@/tools/apache/start-apache'
import { createChildren } from '@/tools/process/child-process'
import { startStack } from '@/tools/stack/stack'
import { findFreePorts } from '@/tools/testing/ports'
import { type Issuer, startIssuer } from './issuer'

/** Three hosts with `AUTH_MODE=proxy`, behind their balancer, behind Apache. */
export interface BehindApache {
  /** The site: the address of Apache. */
  origin: string
  balancer: string
  issuer: Issuer
  hosts: { name: string; origin: string }[]
  killHost(name: string): Promise<unknown>
  restartHost(name: string): Promise<void>
  /** Returns what all hosts have logged. */
  hostLog(): Promise<string>
}

const clientId = 'anyhost'
const missing = missingApacheParts()

/** A test on a stack behind Apache, shared by the tests of its file. */
export const test = base.extend<{ stack: BehindApache }, { behindApache: BehindApache }>({
  behindApache: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads a fixture's dependencies from this pattern
    async ({}, use) => {
      const ports = (await findFreePorts(4, [])) as [number, number, number, number]
      const [apachePort, port, storePort, issuerPort] = ports
      const stateDirectory = await mkdtemp(join(tmpdir(), 'behind-apache-'))
      const origin = `http://localhost:${apachePort}`
      const children = createChildren()
      const issuer = await startIssuer(issuerPort, clientId)
      const stack = await startStack({
        store: 'bundled',
        stateDirectory,
        port,
        storePort,
        publicOrigin: origin,
        hosts: 3,
        env: {
          AUTH_MODE: 'proxy',
          PROXY_JWT_HEADER: 'OIDC_id_token',
          PROXY_JWT_ISSUER: issuer.url,
          PROXY_JWT_AUDIENCE: clientId,
          PROXY_JWKS_URL: issuer.jwksUrl,
          PROXY_SIGN_OUT_URL: `/oauth2/callback?logout=${encodeURIComponent(`${origin}/`)}`,
        },
        log: () => undefined,
      })
      const apache = await startApache({
        port: apachePort,
        balancerPort: port,
        issuer: issuer.url,
        clientId,
        clientSecret: 'a secret of the client',
        children,
        onLine: () => undefined,
      })
      await use({
        origin,
        balancer: stack.origin,
        issuer,
        get hosts() {
          return stack.hosts.map((host) => ({ name: host.name, origin: `http://127.0.0.1:${host.port}` }))
        },
        killHost: stack.killHost,
        restartHost: stack.restartHost,
        async hostLog() {
          const files = stack.hosts.map(({ name }) => join(stateDirectory, 'logs', `${name}.log`))
          return (await Promise.all(files.map((file) => readFile(file, 'utf8')))).join('\n')
        },
      })
      await apache.close()
      await stack.close()
      await issuer.close()
      await removeState(stateDirectory)
    },
    // May include a build, if the site's stack was started by hand.
    { scope: 'worker', timeout: 600_000 },
  ],
  stack: ({ behindApache }, use) => use(behindApache),
  baseURL: ({ behindApache }, use) => use(behindApache.origin),
})

/** Skips the file without Apache, before it starts a stack. In CI a missing Apache fails the tests instead. */
export function skipWithoutApache(): void {
  test.skip(missing.length > 0 && !process.env.CI, `${missing.join(', ')} not found`)
}

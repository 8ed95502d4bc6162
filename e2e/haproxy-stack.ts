import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { missingHaproxyPrograms } from '@/tools/haproxy/haproxy-package'
import { startStack } from '@/tools/stack/stack'
import { findFreePorts } from '@/tools/testing/ports'
import { removeState } from './state'
import { test as base } from './test'

type Stack = Awaited<ReturnType<typeof startStack>>

const missing = missingHaproxyPrograms()

/** A test on its own stack of the same build: three hosts behind HAProxy with deploy/haproxy.cfg. */
export const test = base.extend<{ stack: Stack }, { variables: Record<string, string>; haproxyStack: Stack }>({
  /** Environment variables of haproxy.cfg and the hosts. */
  variables: [{}, { option: true, scope: 'worker' }],
  haproxyStack: [
    async ({ variables }, use) => {
      const [port, storePort] = (await findFreePorts(2, [])) as [number, number]
      const stateDirectory = await mkdtemp(join(tmpdir(), 'haproxy-stack-'))
      const stack = await startStack({
        store: 'bundled',
        balancer: 'haproxy',
        stateDirectory,
        port,
        storePort,
        hosts: 3,
        // All tests share one client address.
        env: { READS_PER_MINUTE: '100000', NEW_GUESTS_PER_HOUR: '1000', ...variables },
        log: () => {},
      })
      await use(stack)
      await stack.close()
      await removeState(stateDirectory)
    },
    // May include a build, if the site's stack was started by hand.
    { scope: 'worker', timeout: 600_000 },
  ],
  stack: async ({ haproxyStack }, use) => use(haproxyStack),
  baseURL: async ({ haproxyStack }, use) => use(haproxyStack.origin),
})

/** Skips the file without HAProxy, before it starts a stack. In CI a missing HAProxy fails the tests instead. */
export function skipWithoutHaproxy(): void {
  test.skip(missing.length > 0 && !process.env.CI, `${missing.join(', ')} not found`)
}

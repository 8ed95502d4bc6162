import { mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildAnother } from '@/dev/another-build'
import { startBalancer } from '@/dev/balancer'
import { buildOnce } from '@/dev/build'
import { createChildren, endWithParent } from '@/dev/child-process'
import { bucketsOf, hostEnvironment, inheritedEnvironment } from '@/dev/host-environment'
import { createHost, type HostProcess } from '@/dev/host-process'
import { findFreePorts } from '@/dev/ports'
import { nextCommand, projectDirectory } from '@/dev/project'
import { openStore } from '@/dev/shared-stages'
import { nextStart } from '@/dev/stack'
import { openState } from '@/dev/state'
import { test as base } from '@/e2e/test'

/** The build that a page was loaded from, and the release that comes after it. */
type Build = 'old' | 'new'

interface TwoBuilds {
  origin: string
  storeOrigin: string
  /** From now on the balancer leads to hosts of these builds, in turn, and to no others. */
  leadTo(...builds: Build[]): void
}

/** Where the new build is kept from one run to the next. */
const newBuild = join(projectDirectory, '.anyhost/e2e-new-build')

/**
 * A test on hosts of two builds over one store. In the new one the file of the actions has another name, so that it
 * knows none of the old ids, and all that runs in the browser differs by a mark. Each test begins on the old one.
 */
export const test = base.extend<{ builds: TwoBuilds }, { twoBuilds: TwoBuilds }>({
  twoBuilds: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads from the pattern what a fixture needs
    async ({}, use) => {
      const [port, storePort, oldPort, newPort] = (await findFreePorts(4, [])) as [number, number, number, number]
      const stateDirectory = await mkdtemp(join(tmpdir(), 'two-builds-'))
      const state = await openState(stateDirectory)
      const { secrets } = state
      const children = createChildren()
      const env = inheritedEnvironment()
      const lines: string[] = []
      const onLine = (line: string) => void lines.push(line)

      const build = { children, env, onLine, serverActionsEncryptionKey: secrets.serverActionsEncryptionKey }
      const { serverActionsEncryptionKey } = await buildOnce({ ...build, force: false })
      await buildAnother({ ...build, serverActionsEncryptionKey, directory: newBuild, change: changeSources })

      const appOrigin = `http://localhost:${port}`
      const hostEnv = { ...env, ...hostEnvironment({ appOrigin, storePort, secrets, serverActionsEncryptionKey }) }
      const buckets = bucketsOf(hostEnv)
      const store = await openStore(
        { log: onLine },
        { kind: 'bundled', children, state, port: storePort, env, buckets, appOrigin, onLine },
      )
      const prepareHost = (name: Build, port: number, cwd: string) =>
        createHost({
          name,
          port,
          launch: () =>
            children.start({
              name,
              cwd,
              args: [...endWithParent, nextCommand, ...nextStart(port)],
              env: { ...hostEnv, NODE_ENV: 'production', HOST_NAME: name },
              onLine,
            }),
          onUp: () => undefined,
          onDown: () => undefined,
          log: onLine,
        })
      const hosts = [prepareHost('old', oldPort, projectDirectory), prepareHost('new', newPort, newBuild)]
      await Promise.all(hosts.map((host) => host.start()))

      // The balancer looks at it for each request, so that no connection breaks when it changes.
      const led: HostProcess[] = []
      const balancer = await startBalancer({ port, hosts: led, log: onLine })
      await use({
        origin: appOrigin,
        storeOrigin: `http://localhost:${storePort}`,
        leadTo(...builds) {
          led.splice(0, led.length, ...hosts.filter(({ name }) => builds.includes(name as Build)))
        },
      })
      await balancer.close()
      await Promise.all(hosts.map((host) => host.end()))
      await store.close()
      await children.end()
      await state.release()
      await rm(stateDirectory, { recursive: true })
    },
    // Two builds may have to be made.
    { scope: 'worker', timeout: 900_000 },
  ],
  builds: async ({ twoBuilds }, use) => {
    twoBuilds.leadTo('old')
    await use(twoBuilds)
  },
  baseURL: async ({ twoBuilds }, use) => use(twoBuilds.origin),
})

/** The release that comes next: every action's id, every page's chunk, and what the header says, are others. */
async function changeSources(directory: string): Promise<void> {
  await rename(join(directory, 'app/actions.ts'), join(directory, 'app/renamed-actions.ts'))
  for (const room of ['app', 'components', 'lib']) {
    for (const file of await readdir(join(directory, room), { recursive: true })) {
      if (/\.tsx?$/.test(file)) await changeModule(join(directory, room, file))
    }
  }
  const words = join(directory, 'messages/en/common.json')
  await writeFile(words, (await readFile(words, 'utf8')).replace('"product": "anyhost"', '"product": "anyhost, new"'))
}

async function changeModule(file: string): Promise<void> {
  const text = await readFile(file, 'utf8')
  const changed = text
    .replace(/'(@\/app|\.)\/actions'/g, "'$1/renamed-actions'")
    // What runs in the browser begins with a directive; a statement with an effect is not minified away.
    .replace(/^'use client'\n/, "'use client'\n;globalThis.isNewBuild = true\n")
  if (changed !== text) await writeFile(file, changed)
}

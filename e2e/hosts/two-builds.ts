import { mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test as base } from '@/e2e/test'
import { startHaproxy } from '@/tools/haproxy/start-haproxy'
import { createChildren } from '@/tools/process/child-process'
import { projectDirectory } from '@/tools/process/project'
import { buildOnce } from '@/tools/stack/build'
import { startBalancer } from '@/tools/stack/bundled-balancer'
import { buildChangedCopy } from '@/tools/stack/changed-build'
import { bucketsOf, hostEnvironment, inheritedEnvironment } from '@/tools/stack/host-environment'
import { createHost } from '@/tools/stack/host-process'
import { type StandaloneBuild, startHost } from '@/tools/stack/standalone-build'
import { openStore } from '@/tools/stack/startup-steps'
import { openState } from '@/tools/stack/state'
import { findFreePorts } from '@/tools/testing/ports'

/** The build that a page was loaded from, and the release that comes after it. */
type Build = 'old' | 'new'

interface TwoBuilds {
  origin: string
  storeOrigin: string
  /** From now on the balancer leads to the host of this build alone. */
  leadTo(build: Build): void
  /** From now on to hosts of both, through HAProxy as deployers run it. */
  leadToBoth(): Promise<void>
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
      type Ports = [number, number, number, number, number]
      const [port, storePort, oldPort, newPort, haproxyPort] = (await findFreePorts(5, [])) as Ports
      const stateDirectory = await mkdtemp(join(tmpdir(), 'two-builds-'))
      const state = await openState(stateDirectory)
      const { secrets } = state
      const children = createChildren()
      const env = inheritedEnvironment()
      const lines: string[] = []
      const onLine = (line: string) => void lines.push(line)

      const build = { children, env, onLine, serverActionsEncryptionKey: secrets.serverActionsEncryptionKey }
      const oldArtefact = await buildOnce({ ...build, force: false })
      const { serverActionsEncryptionKey } = oldArtefact
      const change = { directory: newBuild, change: changeSources }
      const newArtefact = await buildChangedCopy({ ...build, serverActionsEncryptionKey, ...change })

      const appOrigin = `http://localhost:${port}`
      const hostEnv = {
        ...env,
        ...hostEnvironment({ appOrigin, storePort, secrets, serverActionsEncryptionKey }),
        NODE_ENV: 'production' as const,
      }
      const buckets = bucketsOf(hostEnv)
      const store = await openStore(
        { log: onLine },
        { kind: 'bundled', children, state, port: storePort, env, buckets, appOrigin, onLine },
      )
      const prepareHost = (name: Build, port: number, { directory }: StandaloneBuild) =>
        createHost({
          name,
          port,
          launch: () => startHost(children, { name, directory, port, env: hostEnv, onLine }),
          onUp: () => undefined,
          onDown: () => undefined,
          log: onLine,
        })
      const hosts = {
        old: prepareHost('old', oldPort, oldArtefact),
        new: prepareHost('new', newPort, newArtefact),
      }
      const both = Object.values(hosts)
      await Promise.all(both.map((host) => host.start()))

      // The balancer looks at it for each request, so that no connection breaks when it changes.
      const led: { name: string; port: number }[] = []
      const balancer = await startBalancer({ port, hosts: led, log: onLine })
      let haproxy: Awaited<ReturnType<typeof startHaproxy>> | undefined
      await use({
        origin: appOrigin,
        storeOrigin: `http://localhost:${storePort}`,
        leadTo: (build) => void led.splice(0, led.length, hosts[build]),
        async leadToBoth() {
          haproxy ??= await startHaproxy({ port: haproxyPort, hosts: both, children, onLine })
          await Promise.all(both.map(({ name }) => haproxy?.whenUp(name)))
          led.splice(0, led.length, { name: 'haproxy', port: haproxyPort })
        },
      })
      await balancer.close()
      await haproxy?.close()
      await Promise.all(both.map((host) => host.end()))
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
    .replace(/^'use client'\n/, "'use client'\n;Object.assign(globalThis, { isNewBuild: true })\n")
  if (changed !== text) await writeFile(file, changed)
}

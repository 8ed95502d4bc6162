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
import { addPseudoLanguage } from '@/tools/testing/pseudo-language'
import { replaceInFile } from '@/tools/testing/replace-in-file'

/** The build that a page was loaded from, and the next release. */
type Build = 'old' | 'new'

interface TwoBuilds {
  origin: string
  storeOrigin: string
  /** From now on the balancer uses only the host of this build. */
  serve(build: Build): void
  /** From now on the balancer uses hosts of both builds through HAProxy, as in a deployment. */
  serveBoth(): Promise<void>
}

/** The default name of the site in the new build. */
export const nameOfNewBuild = 'anyhost, new'

/** The new build, kept between runs. */
const newBuild = join(projectDirectory, '.anyhost/e2e-new-build')

/**
 * A test on hosts of two builds with one store. The new build renames the actions' file, so it knows none of the old
 * action ids, every browser module differs, and it has one more language. Each test starts on the old build.
 */
export const test = base.extend<{ builds: TwoBuilds }, { twoBuilds: TwoBuilds }>({
  twoBuilds: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads a fixture's dependencies from this pattern
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

      // The balancer reads this list for each request, so a change breaks no connection.
      const serving: { name: string; port: number }[] = []
      const balancer = await startBalancer({ port, hosts: serving, log: onLine })
      let haproxy: Awaited<ReturnType<typeof startHaproxy>> | undefined
      await use({
        origin: appOrigin,
        storeOrigin: `http://localhost:${storePort}`,
        serve: (build) => void serving.splice(0, serving.length, hosts[build]),
        async serveBoth() {
          haproxy ??= await startHaproxy({ port: haproxyPort, hosts: both, children, onLine })
          await Promise.all(both.map(({ name }) => haproxy?.whenUp(name)))
          serving.splice(0, serving.length, { name: 'haproxy', port: haproxyPort })
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
    // May include two builds.
    { scope: 'worker', timeout: 900_000 },
  ],
  builds: async ({ twoBuilds }, use) => {
    twoBuilds.serve('old')
    await use(twoBuilds)
  },
  baseURL: async ({ twoBuilds }, use) => use(twoBuilds.origin),
})

/** Changes every action id, every page's chunks, and the product name in the header. Adds a pseudo-language. */
async function changeSources(directory: string): Promise<void> {
  await rename(join(directory, 'app/actions.ts'), join(directory, 'app/renamed-actions.ts'))
  for (const folder of ['app', 'components', 'lib']) {
    for (const file of await readdir(join(directory, folder), { recursive: true })) {
      if (/\.tsx?$/.test(file)) await changeModule(join(directory, folder, file))
    }
  }
  await replaceInFile(join(directory, 'lib/env.ts'), "default('anyhost')", `default('${nameOfNewBuild}')`)
  await addPseudoLanguage(directory)
}

async function changeModule(file: string): Promise<void> {
  const text = await readFile(file, 'utf8')
  const changed = text
    .replace(/'(@\/app|\.)\/actions'/g, "'$1/renamed-actions'")
    // Browser modules start with a directive. A statement with an effect survives minification.
    .replace(/^'use client'\n/, "'use client'\n;Object.assign(globalThis, { isNewBuild: true })\n")
  if (changed !== text) await writeFile(file, changed)
}

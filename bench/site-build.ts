import { cp, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Artefact } from '@/dev/artefact'
import { buildOnce, sources } from '@/dev/build'
import type { Children } from '@/dev/child-process'
import { inheritedEnvironment } from '@/dev/host-environment'
import { projectDirectory } from '@/dev/project'

/** Where the bench's own build stands; the project's is left alone. */
const siteDirectory = join(projectDirectory, '.anyhost/bench/site')

/**
 * Makes the build that the bench serves, unless it stands already: the app as it is, and beside it what the app must not
 * have, to be measured against (`bench/overlay`): a page with an action that does nothing, a route that takes uploads.
 * Hosts of it with `BENCH_WITHOUT_QUOTA=1` leave out the one step of issuing an upload that asks the store.
 */
export async function buildSite(options: {
  children: Children
  serverActionsEncryptionKey: string
  onLine: (line: string) => void
}): Promise<Artefact> {
  await mkdir(siteDirectory, { recursive: true })
  for (const source of sources) {
    await rm(join(siteDirectory, source), { recursive: true, force: true })
    await cp(join(projectDirectory, source), join(siteDirectory, source), { recursive: true }).catch(ignoreMissing)
  }
  await cp(join(projectDirectory, 'bench/overlay'), siteDirectory, { recursive: true })
  await makeQuotaOptional()
  return buildOnce({ ...options, directory: siteDirectory, env: inheritedEnvironment(), force: false })
}

/** A list of the sources names what may be there. */
function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error
}

/** Puts a switch before the quota check, in the copy. @throws when the check is not where it was */
async function makeQuotaOptional(): Promise<void> {
  const images = join(siteDirectory, 'lib/images')
  const quota = await readFile(join(images, 'quota.ts'), 'utf8')
  const declaration = 'export async function hasRoom('
  if (quota.split(declaration).length !== 2) throw new Error(`lib/images/quota.ts has no "${declaration}" any more`)
  await rename(join(images, 'quota.ts'), join(images, 'quota-check.ts'))
  const optional = `import 'server-only'
import { hasRoom as hasRoomByCheck } from './quota-check'

export const hasRoom: typeof hasRoomByCheck = async (owner) =>
  process.env.BENCH_WITHOUT_QUOTA === '1' || hasRoomByCheck(owner)
`
  await writeFile(join(images, 'quota.ts'), optional)
}

/** The id by which a page calls an action of this build. */
export async function actionId(name: string): Promise<string> {
  const file = join(siteDirectory, '.next/server/server-reference-manifest.json')
  const { node }: { node: Record<string, { exportedName?: string }> } = JSON.parse(await readFile(file, 'utf8'))
  const [id] = Object.entries(node).find(([, { exportedName }]) => exportedName === name) ?? []
  if (!id) throw new Error(`the build has no action named ${name}`)
  return id
}

import { cp, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Children } from '@/tools/process/child-process'
import { projectDirectory } from '@/tools/process/project'
import { buildOnce, copySources } from '@/tools/stack/build'
import { inheritedEnvironment } from '@/tools/stack/host-environment'
import type { StandaloneBuild } from '@/tools/stack/standalone-build'

/** The build of the bench, apart from the project's own. */
const siteDirectory = join(projectDirectory, '.anyhost/bench/site')

/**
 * Builds the app for the bench, unless the build exists. Adds the counterparts of `tools/bench/overlay`: a page with an
 * action that does nothing, and a route that accepts uploads. With `BENCH_WITHOUT_QUOTA=1` a host issues uploads without
 * the quota check, the only part that sends requests to the store.
 */
export async function buildSite(options: {
  children: Children
  serverActionsEncryptionKey: string
  onLine: (line: string) => void
}): Promise<StandaloneBuild> {
  await copySources(siteDirectory)
  await cp(join(projectDirectory, 'tools/bench/overlay'), siteDirectory, { recursive: true })
  await makeQuotaOptional()
  return buildOnce({ ...options, directory: siteDirectory, env: inheritedEnvironment(), force: false })
}

/** Adds a switch to the quota check of the copied app. @throws if the check is no longer there */
async function makeQuotaOptional(): Promise<void> {
  const storage = join(siteDirectory, 'lib/images/storage')
  const quota = await readFile(join(storage, 'quota.ts'), 'utf8')
  const declaration = 'export function hasRoomForUpload('
  if (quota.split(declaration).length !== 2) {
    throw new Error(`lib/images/storage/quota.ts no longer has "${declaration}": update tools/bench/site-build.ts`)
  }
  await rename(join(storage, 'quota.ts'), join(storage, 'quota-check.ts'))
  const optional = `import 'server-only'
import { hasRoomForUpload as checkRoom } from './quota-check'

export { hasRoomForImage } from './quota-check'

export const hasRoomForUpload: typeof checkRoom = async (owner) =>
  process.env.BENCH_WITHOUT_QUOTA === '1' || checkRoom(owner)
`
  await writeFile(join(storage, 'quota.ts'), optional)
}

/** Returns the id by which a page calls an action of this build. */
export async function actionId(name: string): Promise<string> {
  const file = join(siteDirectory, '.next/server/server-reference-manifest.json')
  const { node }: { node: Record<string, { exportedName?: string }> } = JSON.parse(await readFile(file, 'utf8'))
  const [id] = Object.entries(node).find(([, { exportedName }]) => exportedName === name) ?? []
  if (!id) throw new Error(`the build has no action named ${name}`)
  return id
}

import { cp, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Children } from '@/tools/process/child-process'
import { projectDirectory } from '@/tools/process/project'
import { buildOnce, copySources } from '@/tools/stack/build'
import { inheritedEnvironment } from '@/tools/stack/host-environment'
import type { StandaloneBuild } from '@/tools/stack/standalone-build'
import { replaceInFile } from '@/tools/testing/replace-in-file'

/** The build of the bench, apart from the project's own. */
export const siteDirectory = join(projectDirectory, '.anyhost/bench/site')

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
  const hasRoom = 'export function hasRoomForUpload(owner: Owner, earlier: string[] = []): Promise<boolean> {'
  const withoutQuota = "  if (process.env.BENCH_WITHOUT_QUOTA === '1') return Promise.resolve(true)"
  await replaceInFile(join(siteDirectory, 'lib/images/storage/quota.ts'), hasRoom, `${hasRoom}\n${withoutQuota}`)
  // The upload through the host needs more than the product's limit.
  const bodyLimit = 'proxyClientMaxBodySize: '
  await replaceInFile(join(siteDirectory, 'next.config.mjs'), `${bodyLimit}maxBodySize`, `${bodyLimit}'10mb'`)
  // The screens' scripts are divided among their sources.
  const poweredBy = 'poweredByHeader: false,'
  await replaceInFile(
    join(siteDirectory, 'next.config.mjs'),
    poweredBy,
    `${poweredBy} productionBrowserSourceMaps: true,`,
  )
  return buildOnce({ ...options, directory: siteDirectory, env: inheritedEnvironment(), force: false })
}

/** Returns the id by which a page calls an action of this build. */
export async function actionId(name: string): Promise<string> {
  const file = join(siteDirectory, '.next/server/server-reference-manifest.json')
  const { node }: { node: Record<string, { exportedName?: string }> } = JSON.parse(await readFile(file, 'utf8'))
  const [id] = Object.entries(node).find(([, { exportedName }]) => exportedName === name) ?? []
  if (!id) throw new Error(`the build has no action named ${name}`)
  return id
}

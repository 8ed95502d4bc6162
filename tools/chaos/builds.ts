import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Children } from '@/tools/process/child-process'
import { projectDirectory } from '@/tools/process/project'
import { buildOnce, copySources } from '@/tools/stack/build'
import { inheritedEnvironment } from '@/tools/stack/host-environment'
import type { StandaloneBuild } from '@/tools/stack/standalone-build'

/**
 * Makes two builds to roll between: the project's own, and the next release, which differs in what browsers load and in
 * what hosts run. Both are kept until the sources change.
 */
export async function buildTwo(children: Children, serverActionsEncryptionKey: string): Promise<StandaloneBuild[]> {
  const build = (directory: string, key: string) =>
    buildOnce({
      children,
      directory,
      serverActionsEncryptionKey: key,
      env: inheritedEnvironment(),
      force: false,
      onLine: () => undefined,
    })
  const ours = await build(projectDirectory, serverActionsEncryptionKey)
  // Action ids depend on the key: all builds of a deployment have the same one.
  return [ours, await build(await writeNextRelease(), ours.serverActionsEncryptionKey)]
}

async function writeNextRelease(): Promise<string> {
  const directory = join(projectDirectory, '.anyhost/chaos/next-release')
  await copySources(directory)
  // One change in what every page loads, and one in what hosts run. People who save pictures notice neither.
  await change(directory, 'components/layout/theme-choice.tsx', 'yearSeconds = 365 *', 'yearSeconds = 366 *')
  await change(directory, 'lib/images/gallery.ts', 'pageSize = { standard: 24', 'pageSize = { standard: 25')
  return directory
}

/** @throws if the text is no longer there: then both releases would be the same */
async function change(directory: string, file: string, text: string, instead: string): Promise<void> {
  const source = await readFile(join(directory, file), 'utf8')
  if (!source.includes(text)) throw new Error(`${file} no longer has ${JSON.stringify(text)}`)
  await writeFile(join(directory, file), source.replace(text, instead))
}

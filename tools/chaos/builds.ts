import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Children } from '@/tools/process/child-process'
import { projectDirectory } from '@/tools/process/project'
import { buildOnce, copySources } from '@/tools/stack/build'
import { inheritedEnvironment } from '@/tools/stack/host-environment'
import type { StandaloneBuild } from '@/tools/stack/standalone-build'

/**
 * Builds two releases to roll between: the project itself, and a next release whose browser code and server code differ.
 * Both builds are reused until the sources change.
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
  const first = await build(projectDirectory, serverActionsEncryptionKey)
  // Action ids depend on the key. All builds of a deployment share one.
  return [first, await build(await writeNextRelease(), first.serverActionsEncryptionKey)]
}

async function writeNextRelease(): Promise<string> {
  const directory = join(projectDirectory, '.anyhost/chaos/next-release')
  await copySources(directory)
  // One change in code of every page, and one in server code. People who save pictures notice neither.
  await change(directory, 'components/layout/theme-choice.tsx', 'yearSeconds = 365 *', 'yearSeconds = 366 *')
  await change(directory, 'lib/images/gallery.ts', 'pageSize = { default: 24', 'pageSize = { default: 25')
  return directory
}

/** Replaces a text in a file. @throws if the text is missing, as both releases would be the same */
async function change(directory: string, file: string, text: string, instead: string): Promise<void> {
  const source = await readFile(join(directory, file), 'utf8')
  if (!source.includes(text))
    throw new Error(`${file} no longer contains ${JSON.stringify(text)}: update tools/chaos/builds.ts`)
  await writeFile(join(directory, file), source.replace(text, instead))
}

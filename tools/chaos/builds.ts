import { join } from 'node:path'
import type { Children } from '@/tools/process/child-process'
import { projectDirectory } from '@/tools/process/project'
import { buildOnce, copySources } from '@/tools/stack/build'
import { inheritedEnvironment } from '@/tools/stack/host-environment'
import type { StandaloneBuild } from '@/tools/stack/standalone-build'
import { replaceInFile } from '@/tools/testing/replace-in-file'

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
  await replaceInFile(join(directory, 'lib/browser/remember-choice.ts'), 'yearSeconds = 365 *', 'yearSeconds = 366 *')
  const pageSize = 'pageSize = { default: '
  await replaceInFile(join(directory, 'lib/images/gallery.ts'), `${pageSize}24`, `${pageSize}25`)
  return directory
}

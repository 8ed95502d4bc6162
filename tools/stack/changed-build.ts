import { cp, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { Children } from '@/tools/process/child-process'
import { errorCode } from '@/tools/process/errors'
import { projectDirectory } from '@/tools/process/project'
import { buildOnce, copySources, readBuildStamp } from './build'
import type { StandaloneBuild } from './standalone-build'

/**
 * Builds the project once more with a change, in a folder of its own, unless that build stands there already: the
 * release that comes after the present one. Throws a UserError with the build's output when it fails.
 */
export async function buildChangedCopy(options: {
  /** Below the project: the bundler follows the link to `node_modules` only within one root. */
  directory: string
  /** Changes the copied sources. */
  change: (directory: string) => Promise<void>
  /** The other build's: actions that both know are to be understood by both. */
  serverActionsEncryptionKey: string
  children: Children
  env: NodeJS.ProcessEnv
  onLine: (line: string) => void
}): Promise<StandaloneBuild> {
  const { directory, change, serverActionsEncryptionKey } = options
  await copySources(directory)
  // Tailwind searches no file that it names.
  await cp(join(projectDirectory, '.gitignore'), join(directory, '.gitignore'))
  await symlink(join(projectDirectory, 'node_modules'), join(directory, 'node_modules')).catch(ignore('EEXIST'))
  await change(directory)
  const stamp = await readBuildStamp(directory)
  const isOfAnotherKey = stamp !== null && stamp.serverActionsEncryptionKey !== serverActionsEncryptionKey
  return buildOnce({ ...options, force: isOfAnotherKey })
}

function ignore(code: string): (error: unknown) => void {
  return (error) => {
    if (errorCode(error) !== code) throw error
  }
}

import type { Children } from '@/tools/process/child-process'
import { buildOnce, copySources, readBuildStamp } from './build'
import type { StandaloneBuild } from './standalone-build'

/**
 * Builds a changed copy of the project in a folder of its own, to test two releases side by side. Reuses the build in
 * that folder if it is up to date.
 * @throws UserError with the build's output if the build fails
 */
export async function buildChangedCopy(options: {
  /** A folder inside the project. */
  directory: string
  /** Changes the copied sources. */
  change: (directory: string) => Promise<void>
  /** The key of the other build, so that each build accepts the server actions of the other. */
  serverActionsEncryptionKey: string
  children: Children
  env: NodeJS.ProcessEnv
  onLine: (line: string) => void
}): Promise<StandaloneBuild> {
  const { directory, change, serverActionsEncryptionKey } = options
  await copySources(directory)
  await change(directory)
  const stamp = await readBuildStamp(directory)
  const hasOtherKey = stamp !== null && stamp.serverActionsEncryptionKey !== serverActionsEncryptionKey
  return buildOnce({ ...options, force: hasOtherKey })
}

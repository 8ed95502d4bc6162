import { delimiter } from 'node:path'
import { UserError } from '@/tools/process/errors'
import { missingPrograms } from '@/tools/process/installed-programs'

/** HAProxy, and on Linux `setpriv` (util-linux), which ends HAProxy together with this process. */
const programs = process.platform === 'linux' ? ['haproxy', 'setpriv'] : ['haproxy']
const installCommand = 'apt-get update && apt-get install -y --no-install-recommends haproxy'

/** Returns `PATH` with Debian's folders for system programs, which most users do not have in their `PATH`. */
export function pathWithSystemPrograms(path = process.env.PATH ?? ''): string {
  return [path, '/usr/local/sbin', '/usr/sbin'].filter(Boolean).join(delimiter)
}

/** Returns the programs that are not in `path`; an empty list if the package is installed. */
export function missingHaproxyPrograms(path = pathWithSystemPrograms()): string[] {
  return missingPrograms(programs, path)
}

/**
 * Checks that HAProxy is installed.
 * @throws UserError with the command that installs it
 */
export function assertHaproxyInstalled(path?: string): void {
  const missing = missingHaproxyPrograms(path)
  if (missing.length === 0) return
  throw new UserError(
    `HAProxy is not installed (${missing.join(', ')} not found). On Debian, run as root: ${installCommand}. Or omit --balancer to use the bundled balancer.`,
  )
}

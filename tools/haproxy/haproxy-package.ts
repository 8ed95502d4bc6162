import { delimiter } from 'node:path'
import { UserError } from '@/tools/process/errors'
import { missingPrograms } from '@/tools/process/installed-programs'

/** HAProxy, and on Linux `setpriv` (util-linux), which ends it with us. */
const programs = process.platform === 'linux' ? ['haproxy', 'setpriv'] : ['haproxy']
const installCommand = 'apt-get update && apt-get install -y --no-install-recommends haproxy'

/** `PATH` with the folders where Debian has what root runs: most people's own does not have them. */
export function pathWithSystemPrograms(path = process.env.PATH ?? ''): string {
  return [path, '/usr/local/sbin', '/usr/sbin'].filter(Boolean).join(delimiter)
}

/** What of it cannot be found: nothing where the package is installed. */
export function missingHaproxyPrograms(path = pathWithSystemPrograms()): string[] {
  return missingPrograms(programs, path)
}

/** Throws a UserError that says which command installs what is missing, before anything is begun. */
export function assertHaproxyInstalled(path?: string): void {
  const missing = missingHaproxyPrograms(path)
  if (missing.length === 0) return
  const sentence = `HAProxy is not installed (${missing.join(', ')} not found): on Debian, as root, run "${installCommand}", or use the bundled balancer, which is the default.`
  throw new UserError(sentence)
}

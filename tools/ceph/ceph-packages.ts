import { UserError } from '@/tools/process/errors'
import { missingPrograms } from '@/tools/process/installed-programs'

/** The programs that `startCeph` runs, and `setpriv` (util-linux), which ends them together with this process. */
const programs = ['ceph', 'ceph-mon', 'ceph-osd', 'monmaptool', 'radosgw', 'radosgw-admin', 'setpriv']
const installCommand = 'apt-get update && apt-get install -y --no-install-recommends ceph-mon ceph-osd radosgw'

/** Returns the programs of Ceph that are not in `path`; an empty list if its packages are installed. */
export function missingCephPrograms(path = process.env.PATH ?? ''): string[] {
  return missingPrograms(programs, path)
}

/**
 * Checks that Ceph is installed.
 * @throws UserError with the command that installs it
 */
export function assertCephInstalled(path?: string): void {
  if (process.platform !== 'linux') {
    throw new UserError('Ceph radosgw runs only on Linux. Omit --store to use the bundled store.')
  }
  const missing = missingCephPrograms(path)
  if (missing.length === 0) return
  throw new UserError(
    `Ceph radosgw is not installed (${missing.join(', ')} not found). On Debian, run as root: ${installCommand}. Or omit --store to use the bundled store.`,
  )
}

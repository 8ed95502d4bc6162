import { UserError } from '@/tools/process/errors'
import { missingPrograms } from '@/tools/process/installed-programs'

/** All programs that the launcher calls, and `setpriv` (util-linux), which ends them with us. */
const programs = ['ceph', 'ceph-mon', 'ceph-osd', 'monmaptool', 'radosgw', 'radosgw-admin', 'setpriv']
const installCommand = 'apt-get update && apt-get install -y --no-install-recommends ceph-mon ceph-osd radosgw'

/** The programs of Ceph that cannot be found along `PATH`: none where its packages are installed. */
export function missingCephPrograms(path = process.env.PATH ?? ''): string[] {
  return missingPrograms(programs, path)
}

/** Throws a UserError that says which command installs what is missing, before anything is begun. */
export function assertCephInstalled(path?: string): void {
  if (process.platform !== 'linux') {
    throw new UserError('Ceph radosgw runs on Linux only: use the bundled store, which is the default.')
  }
  const missing = missingCephPrograms(path)
  if (missing.length === 0) return
  const sentence = `Ceph radosgw is not installed (${missing.join(', ')} not found): on Debian, as root, run "${installCommand}".`
  throw new UserError(sentence)
}

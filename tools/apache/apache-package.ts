import { existsSync } from 'node:fs'
import { UserError } from '@/tools/process/errors'
import { missingPrograms } from '@/tools/process/installed-programs'

/** Debian's folder of Apache's modules. */
export const modulesDirectory = '/usr/lib/apache2/modules'
const openidcModule = `${modulesDirectory}/mod_auth_openidc.so`
const installCommand =
  'apt-get update && apt-get install -y --no-install-recommends apache2-bin libapache2-mod-auth-openidc'

/** Returns what is missing to run Apache with OpenID Connect; an empty list if the packages are installed. */
export function missingApacheParts(path = `${process.env.PATH}:/usr/sbin`, module = openidcModule): string[] {
  return [...missingPrograms(['apache2', 'setpriv'], path), ...(existsSync(module) ? [] : [module])]
}

/**
 * Checks that Apache and its OpenID Connect module are installed.
 * @throws UserError with the command that installs them
 */
export function assertApacheInstalled(missing = missingApacheParts()): void {
  if (missing.length === 0) return
  throw new UserError(
    `Apache is not installed (${missing.join(', ')} not found). On Debian, run as root: ${installCommand}.`,
  )
}

import { existsSync } from 'node:fs'
import { UserError } from '@/tools/process/errors'
import { missingPrograms } from '@/tools/process/installed-programs'

/** What only Debian's packages of LemonLDAP::NG, and the modules that its issuer needs, contain. */
const parts = ['Lemonldap/NG/Portal/Issuer/OpenIDConnect.pm', 'String/Random.pm', 'IO/String.pm'].map(
  (module) => `/usr/share/perl5/${module}`,
)
const installCommand =
  'apt-get update && apt-get install -y --no-install-recommends ' +
  'liblemonldap-ng-portal-perl libstring-random-perl libio-string-perl starman'

/** Returns what is missing to run LemonLDAP::NG; an empty list if the packages are installed. */
export function missingLemonldapParts(path = process.env.PATH ?? '', modules = parts): string[] {
  return [...missingPrograms(['starman', 'setpriv'], path), ...modules.filter((module) => !existsSync(module))]
}

/**
 * Checks that LemonLDAP::NG is installed.
 * @throws UserError with the command that installs it
 */
export function assertLemonldapInstalled(missing = missingLemonldapParts()): void {
  if (missing.length === 0) return
  throw new UserError(
    `LemonLDAP::NG is not installed (${missing.join(', ')} not found). On Debian, run as root: ${installCommand}.`,
  )
}

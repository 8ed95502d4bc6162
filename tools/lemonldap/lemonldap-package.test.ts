import { expect, test } from 'vitest'
import { UserError } from '@/tools/process/errors'
import { assertLemonldapInstalled, missingLemonldapParts } from './lemonldap-package'

test('names the missing parts of LemonLDAP::NG and the command that installs them', () => {
  const missing = missingLemonldapParts('/nowhere', ['/nowhere/Issuer.pm'])
  expect(missing).toEqual(['starman', 'setpriv', '/nowhere/Issuer.pm'])
  expect(() => assertLemonldapInstalled(missing)).toThrow(UserError)
  expect(() => assertLemonldapInstalled(missing)).toThrow(/starman, setpriv, .*apt-get install .*-portal-perl/)
})

test('finds nothing missing if all parts exist', () => {
  expect(() => assertLemonldapInstalled([])).not.toThrow()
})

import { expect, test } from 'vitest'
import { assertApacheInstalled, missingApacheParts } from './apache-package'

test('names the command that installs Apache if it or its module is missing', () => {
  expect(missingApacheParts('/nowhere')).toContain('apache2')
  expect(missingApacheParts(undefined, '/nowhere/mod_auth_openidc.so')).toContain('/nowhere/mod_auth_openidc.so')
  expect(() => assertApacheInstalled(['apache2'])).toThrow(
    'apt-get update && apt-get install -y --no-install-recommends apache2-bin libapache2-mod-auth-openidc',
  )
})

import { expect, test } from 'vitest'
import { assertHaproxyInstalled, missingHaproxyPrograms } from './haproxy-package'

test('names the command that installs HAProxy if it is missing', () => {
  expect(missingHaproxyPrograms('/nowhere')).toContain('haproxy')
  expect(() => assertHaproxyInstalled('/nowhere')).toThrow(
    'apt-get update && apt-get install -y --no-install-recommends haproxy',
  )
})

import { expect, test } from 'vitest'
import { assertHaproxyInstalled, missingHaproxyPrograms } from './haproxy-package'

test('without its package, the sentence says which command installs it', () => {
  expect(missingHaproxyPrograms('/nowhere')).toContain('haproxy')
  expect(() => assertHaproxyInstalled('/nowhere')).toThrow(
    'apt-get update && apt-get install -y --no-install-recommends haproxy',
  )
})

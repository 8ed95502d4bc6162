import { expect, test } from 'vitest'
import { assertCephInstalled, missingCephPrograms } from './ceph-packages'

test.skipIf(process.platform !== 'linux')('names the command that installs Ceph if it is missing', () => {
  expect(missingCephPrograms('/nowhere')).toContain('radosgw')
  expect(() => assertCephInstalled('/nowhere')).toThrow(
    'apt-get update && apt-get install -y --no-install-recommends ceph-mon ceph-osd radosgw',
  )
})

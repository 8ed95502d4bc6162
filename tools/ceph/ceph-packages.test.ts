import { expect, test } from 'vitest'
import { assertCephInstalled, missingCephPrograms } from './ceph-packages'

test.skipIf(process.platform !== 'linux')('without its packages, the sentence says which command installs them', () => {
  expect(missingCephPrograms('/nowhere')).toContain('radosgw')
  expect(() => assertCephInstalled('/nowhere')).toThrow(
    'apt-get update && apt-get install -y --no-install-recommends ceph-mon ceph-osd radosgw',
  )
})

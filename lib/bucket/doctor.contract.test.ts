import { expect, test } from 'vitest'
import { setUpCheckedBuckets } from '@/lib/host/test-support/checked-buckets'
import { openStoreProxy } from '@/tools/testing/store-proxy'

const { bucket, covers, store, setVariables } = setUpCheckedBuckets()

/** Runs doctor on a store that answers after so many milliseconds. */
async function runWithDelay(delayMs: number) {
  const proxy = await openStoreProxy(store().endpoint, async (_, pass) => {
    await new Promise((resolve) => setTimeout(resolve, delayMs))
    return pass()
  })
  try {
    setVariables(proxy.endpoint)
    const { runDoctor } = await import('./doctor')
    return await runDoctor([])
  } finally {
    await proxy.close()
  }
}

test('runs the checks of a starting host, and warns of a store that is far away', async () => {
  const findings = await runWithDelay(150)
  const distances = findings.filter(({ check }) => check === 'distance')
  expect(distances.map((finding) => finding.bucket)).toEqual([bucket, covers])
  for (const { verdict, message, fix } of distances) {
    expect(verdict).toBe('warning')
    expect(message).toMatch(/A small request takes \d+ ms \(median of 9\)\. A save waits for 4 of them/)
    expect(fix).toContain("in the bucket's region")
  }
  expect(findings.filter(({ verdict }) => verdict !== 'ok')).toEqual(distances)
  expect(findings).toHaveLength(20)
})

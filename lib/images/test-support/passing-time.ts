import { setTimeout as sleep } from 'node:timers/promises'
import type { S3Client } from '@aws-sdk/client-s3'
import { vi } from 'vitest'
import type { Bucket } from '@/lib/s3/client'
import type { StoreClock } from '@/lib/s3/clock'

/**
 * Simulates passing time for a store whose clock tests cannot set, such as radosgw. Requests keep the store's real time,
 * so signatures stay valid and policies and URLs do not expire. Only the data that a host reads from the store shifts:
 * the store clock and the LastModified times of objects.
 */

const RealDate = Date

/** How far the simulated time is ahead (`aheadMs`) from a real time on (`at`). Newest first. */
let jumps = [{ at: 0, aheadMs: 0 }]

/** Converts a real time to the simulated time of the store. */
export function storeTimeOf(trueMs: number): number {
  return trueMs + (jumps.find(({ at }) => at <= trueMs) as { aheadMs: number }).aheadMs
}

/** Advances the simulated time. LastModified has whole seconds, so it first waits for the end of the current second. */
export async function passTime(ms: number): Promise<void> {
  const at = Math.ceil(RealDate.now() / 1000) * 1000
  // A timer can fire slightly early.
  while (RealDate.now() < at) await sleep(at - RealDate.now())
  jumps = [{ at, aheadMs: (jumps[0]?.aheadMs ?? 0) + ms }, ...jumps]
}

const trueClocks = new WeakMap<StoreClock, StoreClock>()

/** Shifts the data that a host reads from a bucket: its store clock and LastModified times. */
export function moveTime(bucket: Bucket): void {
  const { clock, client } = bucket
  trueClocks.set(clock, { ...clock, now: clock.now.bind(clock) })
  const trueNow = clock.now.bind(clock)
  clock.now = () => storeTimeOf(trueNow())
  moveAnswers(client)
}

/** Shifts LastModified in all answers of a client. */
function moveAnswers(client: S3Client): void {
  const shift = (dated: { LastModified?: Date }) => {
    if (dated.LastModified) dated.LastModified = new RealDate(storeTimeOf(dated.LastModified.getTime()))
  }
  client.middlewareStack.add(
    (next) => async (args) => {
      const answer = await next(args)
      const output = answer.output as { LastModified?: Date; Contents?: { LastModified?: Date }[] }
      shift(output)
      output.Contents?.forEach(shift)
      return answer
    },
    { step: 'initialize', name: 'moveAnswers' },
  )
}

/** Makes hosts started later sign by the store's real time, because a store rejects signatures from the future. */
export function signByTrueTime(): void {
  vi.doMock('@/lib/s3/presign', async (load) => {
    const signers = await load<Record<string, (bucket: Bucket, ...args: unknown[]) => unknown>>()
    const atTrueTime = (bucket: Bucket) => ({ ...bucket, clock: trueClocks.get(bucket.clock) ?? bucket.clock })
    return Object.fromEntries(
      Object.entries(signers).map(([name, sign]) => [
        name,
        (bucket: Bucket, ...args: unknown[]) => sign(atTrueTime(bucket), ...args),
      ]),
    )
  })
}

import { setTimeout as sleep } from 'node:timers/promises'
import type { S3Client } from '@aws-sdk/client-s3'
import { vi } from 'vitest'
import type { Bucket } from '@/lib/s3/client'
import type { StoreClock } from '@/lib/s3/clock'

/**
 * Time that tests let pass on a store whose clock they cannot move, such as radosgw. Requests keep the store's true time,
 * so every signature stays valid. What the host reads from the store is moved: the time of its store clock, and the times
 * at which objects were written. So a policy or URL does not age here.
 */

const RealDate = Date

/** How much time has passed for tests (`passedMs`) since a true time (`at`). Newest first. */
let jumps = [{ at: 0, passedMs: 0 }]

/** The store's time at a true time. */
export function storeTimeOf(trueMs: number): number {
  return trueMs + (jumps.find(({ at }) => at <= trueMs) as { passedMs: number }).passedMs
}

/** Lets time pass. Objects have times in whole seconds, so it waits for the end of a second that has begun. */
export async function passTime(ms: number): Promise<void> {
  const at = Math.ceil(RealDate.now() / 1000) * 1000
  // A timer may come a little early.
  while (RealDate.now() < at) await sleep(at - RealDate.now())
  jumps = [{ at, passedMs: (jumps[0]?.passedMs ?? 0) + ms }, ...jumps]
}

const trueClocks = new WeakMap<StoreClock, StoreClock>()

/** Moves what a host reads from a bucket: its store clock, and when objects were written. */
export function moveTime(bucket: Bucket): void {
  const { clock, client } = bucket
  trueClocks.set(clock, { ...clock, now: clock.now.bind(clock) })
  const trueNow = clock.now.bind(clock)
  clock.now = () => storeTimeOf(trueNow())
  moveAnswers(client)
}

/** Moves the times at which objects were written, in all answers of a client. */
function moveAnswers(client: S3Client): void {
  const moved = (dated: { LastModified?: Date }) => {
    if (dated.LastModified) dated.LastModified = new RealDate(storeTimeOf(dated.LastModified.getTime()))
  }
  client.middlewareStack.add(
    (next) => async (args) => {
      const answer = await next(args)
      const output = answer.output as { LastModified?: Date; Contents?: { LastModified?: Date }[] }
      moved(output)
      output.Contents?.forEach(moved)
      return answer
    },
    { step: 'initialize', name: 'moveAnswers' },
  )
}

/** Makes hosts that start from now on sign by the store's true time: a store refuses signatures from its future. */
export function signByTrueTime(): void {
  vi.doMock('@/lib/s3/presign', async (load) => {
    const signers = await load<Record<string, (bucket: Bucket, ...rest: unknown[]) => unknown>>()
    const atTrueTime = (bucket: Bucket) => ({ ...bucket, clock: trueClocks.get(bucket.clock) ?? bucket.clock })
    return Object.fromEntries(
      Object.entries(signers).map(([name, sign]) => [
        name,
        (bucket: Bucket, ...rest: unknown[]) => sign(atTrueTime(bucket), ...rest),
      ]),
    )
  })
}

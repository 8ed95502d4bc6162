import 'server-only'
import { env } from '@/lib/env'
import { createLimiter, type Limiter } from '@/lib/limiter'
import { perProcess } from '@/lib/per-process'

/** One to look at, and one that the person has replaced or opened in another tab. Others keep the rest of the queue. */
const cropsPerPerson = 2

/** Shorter than the time that deploy/haproxy.cfg gives to a crop, so that the person gets an answer. */
const cropTimeoutMs = 60_000

/** Returns the limiter that all crops of this process share. */
export function cropLimiter(): Limiter {
  return perProcess('crop limiter', () => {
    const { cropConcurrency, cropQueue, cropMemoryBytes } = env()
    return createLimiter({
      concurrency: cropConcurrency,
      queue: cropQueue,
      perPerson: cropsPerPerson,
      memoryBytes: cropMemoryBytes,
      timeoutMs: cropTimeoutMs,
    })
  })
}

import 'server-only'
import { env } from '@/lib/env'
import { createLimiter, type Limiter } from '@/lib/limiter'
import { perProcess } from '@/lib/per-process'

/** One to look at, and one that the person has replaced or opened in another tab. Others keep the rest of the queue. */
const cropsPerPerson = 2

/** Returns the limiter that all crops of this process share. */
export function cropLimiter(): Limiter {
  return perProcess('crop limiter', () => {
    const { cropConcurrency, cropQueue, cropMemoryBytes } = env()
    return createLimiter({
      concurrency: cropConcurrency,
      queue: cropQueue,
      perPerson: cropsPerPerson,
      memoryBytes: cropMemoryBytes,
    })
  })
}

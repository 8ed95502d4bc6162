import 'server-only'
import { env } from '@/lib/env'
import { createLimiter, type Limiter } from '@/lib/limiter'
import { perProcess } from '@/lib/per-process'

/** Returns the limiter that all crops of this process share. */
export function cropLimiter(): Limiter {
  return perProcess('crop limiter', () => {
    const { cropConcurrency, cropQueue, cropMemoryBytes } = env()
    return createLimiter({ concurrency: cropConcurrency, queue: cropQueue, memoryBytes: cropMemoryBytes })
  })
}

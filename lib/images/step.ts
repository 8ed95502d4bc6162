import 'server-only'
import { env } from '@/lib/env'
import { withPatience } from '@/lib/s3/patience'

/**
 * Makes of a flow a step that a person waits for: it waits for the store no longer than STORE_PATIENCE_MS, and then
 * fails with StoreTimeout, as it fails when the store is out of reach. Each may be repeated, whatever was done already.
 */
export function asStep<A extends unknown[], R>(flow: (...args: A) => Promise<R>): (...args: A) => Promise<R> {
  return (...args) => withPatience(env().storePatienceMs, () => flow(...args))
}

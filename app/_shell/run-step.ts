import 'server-only'
import { headers } from 'next/headers'
import { recordStep } from '@/lib/host/record-step'
import { collectionOf, findCollection } from '@/lib/images/collections'
import { withStoreDeadline } from '@/lib/images/store-deadline'
import { type Result, refuse } from '@/lib/result'

/** What a step learns about itself while it runs, for its record. */
interface StepDetails {
  collection?: string | undefined
}

/**
 * Runs the work of an action, route or page with the store deadline, and records how it ended. A thrown error is a bug
 * or an outage: it becomes `internal`. Errors that control Next's flow pass through.
 * @param step the name for the record
 * @param signal the request's signal: an error after the client disconnected is not a failure
 */
export async function runStep<T>(
  step: string,
  work: (details: StepDetails) => Promise<Result<T>>,
  signal?: AbortSignal,
): Promise<Result<T>> {
  const startedAt = performance.now()
  const details: StepDetails = {}
  const requestId = (await headers()).get('x-request-id')
  const record = (ending: Pick<Parameters<typeof recordStep>[0], 'outcome' | 'error'>) =>
    recordStep({ step, ...details, requestId, ms: Math.round(performance.now() - startedAt), ...ending })
  try {
    const result = await withStoreDeadline(() => work(details))
    record({ outcome: result.ok ? 'ok' : result.code })
    return result
  } catch (error) {
    if (error instanceof Error && 'digest' in error) throw error
    record({ outcome: signal?.aborted ? 'disconnected' : 'internal', error })
    return refuse('internal')
  }
}

/** Returns the name of the collection in a step's parsed input: named, or of the first id. */
export function collectionIn(input: object): string | undefined {
  const { collection, uploadId, imageId, imageIds } = input as Record<string, unknown>
  if (typeof collection === 'string') return findCollection(collection)?.name
  const [id] = [uploadId, imageId, imageIds].flat().filter((value) => typeof value === 'string')
  return id ? collectionOf(id)?.name : undefined
}

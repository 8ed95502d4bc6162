import { useState } from 'react'
import { usePageLock } from '@/components/layout/use-page-lock'
import { attemptWithRetries, type Failure } from '@/lib/browser/attempt'
import type { Result } from '@/lib/result'

/** A failed request, and a function that sends it again. */
export interface FailedRequest {
  failure: Failure
  retry: () => void
}

/**
 * Sends one request at a time and keeps its failure. The page is locked meanwhile.
 * `busy` is the name of the running request, or null.
 */
export function useRequest<Name extends string>() {
  const [busy, setBusy] = useState<Name | null>(null)
  const [failed, setFailed] = useState<FailedRequest | null>(null)
  usePageLock(busy !== null)

  /** @param onSuccess returns 'leaving' to stay busy until another page replaces this one */
  async function run<T>(name: Name, send: () => Promise<Result<T>>, onSuccess: (value: T) => unknown) {
    if (busy) return
    setBusy(name)
    const result = await attemptWithRetries(send)
    setFailed(result.ok ? null : { failure: result, retry: () => run(name, send, onSuccess) })
    if (!result.ok || onSuccess(result.value) !== 'leaving') setBusy(null)
  }

  return { busy, failed, run }
}

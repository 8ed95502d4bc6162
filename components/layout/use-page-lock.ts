import { useRouter } from 'next/navigation'
import { useEffect, useMemo, useTransition } from 'react'
import { beginRefresh, lockPage, whenUnlocked } from '@/lib/browser/page-lock'
import { forgetOldPages } from '@/lib/browser/photo-changes'

/** Keeps `useRefresh` waiting while what this page shows would be lost with it. */
export function usePageLock(isHeld: boolean): void {
  useEffect(() => (isHeld ? lockPage() : undefined), [isHeld])
}

/**
 * Asks the server for this page again, once nothing is held. Where a newer build answers, Next loads the page as a
 * whole, and all that stands neither in the address nor in the store is gone.
 */
export function useRefresh(): () => void {
  const router = useRouter()
  const [isRefreshing, startRefreshing] = useTransition()
  useEffect(() => (isRefreshing ? beginRefresh() : undefined), [isRefreshing])
  return useMemo(() => {
    const refresh = () => {
      forgetOldPages()
      startRefreshing(() => router.refresh())
    }
    return () => whenUnlocked(refresh)
  }, [router])
}

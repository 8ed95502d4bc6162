import { useRouter } from 'next/navigation'
import { useEffect, useMemo, useTransition } from 'react'
import { beginRefresh, lockPage, whenUnlocked } from '@/lib/browser/page-lock'
import { forgetOldPages } from '@/lib/browser/photo-changes'

/** Makes `useRefresh` wait while `isLocked`, because a refresh could lose unsaved work on this page. */
export function usePageLock(isLocked: boolean): void {
  useEffect(() => (isLocked ? lockPage() : undefined), [isLocked])
}

/**
 * Returns a function that refreshes the page as soon as no lock is held. If a newer build answers, Next reloads the
 * whole page and loses all state that is neither in the address nor in the store.
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

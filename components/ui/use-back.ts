import { useEffect, useEffectEvent } from 'react'

/**
 * Calls back on Back instead of leaving the page. Browsers allow that once per press on the page, and not if Back loads
 * another document.
 */
export function useBack(onBack: () => void): void {
  const goBack = useEffectEvent(onBack)
  useEffect(() => {
    const listening = new AbortController()
    const onNavigate = (event: NavigateEvent) => {
      const isBack =
        event.navigationType === 'traverse' && event.destination.index < (navigation.currentEntry?.index ?? 0)
      if (!isBack || !event.cancelable) return
      event.preventDefault()
      goBack()
    }
    window.navigation?.addEventListener('navigate', onNavigate, { signal: listening.signal })
    return () => listening.abort()
  }, [])
}

'use client'

import { usePathname } from 'next/navigation'
import { useTranslations } from 'next-intl'
import { useEffect, useEffectEvent } from 'react'
import { toast } from '@/components/ui/toast'
import { onNavigationStart } from '@/lib/browser/navigation-start'

/** How long a page may take before a word explains it. */
const patienceMs = 5_000

/** Says that the next page is slow: until it arrives, the browser shows the previous page (U69). Renders nothing. */
export function SlowNavigation() {
  const translate = useTranslations('common')
  const path = usePathname()
  const show = useEffectEvent(() => toast(translate('slow'), { duration: 60_000 }))

  // Runs again at the next path: the page has arrived.
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    let shown: number | undefined
    const reset = () => {
      clearTimeout(timer)
      if (shown !== undefined) toast.dismiss(shown)
    }
    const stop = onNavigationStart(() => {
      reset()
      timer = setTimeout(() => {
        shown = show()
      }, patienceMs)
    })
    return () => {
      stop()
      reset()
    }
  }, [path])
  return null
}

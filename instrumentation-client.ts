import { announceNavigationStart } from '@/lib/browser/navigation-start'

/** Next calls this in the browser at the start of each navigation. A change of this page's parameters is none. */
export function onRouterTransitionStart(url: string): void {
  if (new URL(url, location.href).pathname !== location.pathname) announceNavigationStart()
}

import { announceNavigationStart } from '@/lib/browser/navigation-start'

/**
 * Next calls this in the browser at the start of each navigation. A change of this page's parameters is none, nor is the
 * upload's own address in the editor: the person works on.
 */
export function onRouterTransitionStart(url: string): void {
  const [next, here] = [new URL(url, location.href).pathname, location.pathname]
  if (next !== here && !(here === '/crop' && next.startsWith('/crop/'))) announceNavigationStart()
}

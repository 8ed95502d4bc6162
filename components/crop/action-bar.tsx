import type { ReactNode } from 'react'

/** What the step goes on with. On a phone it stays at the bottom, unless the screen is too low to spare the room. */
export function ActionBar({ children }: { children: ReactNode }) {
  return (
    <div className="bottom-0 z-10 space-y-3 bg-canvas py-3 max-lg:border-line max-lg:border-t max-lg:[@media(min-height:36rem)]:sticky">
      {children}
    </div>
  )
}

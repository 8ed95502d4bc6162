import type { ReactNode } from 'react'

/** The step's main buttons. Sticky at the bottom of a phone, except on very low screens. */
export function ActionBar({ children }: { children: ReactNode }) {
  return (
    <div className="bottom-0 z-10 space-y-3 bg-canvas py-3 max-lg:border-line max-lg:border-t max-lg:[@media(min-height:36rem)]:sticky">
      {children}
    </div>
  )
}

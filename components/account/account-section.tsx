import type { ReactNode } from 'react'

interface AccountSectionProps {
  title: string
  text?: ReactNode
  children?: ReactNode
}

/** One subject of the account page: what it is, and what a person can do about it. */
export function AccountSection({ title, text, children }: AccountSectionProps) {
  return (
    <section className="grid gap-x-10 gap-y-3 border-line border-t py-7 sm:grid-cols-[12rem_minmax(0,1fr)]">
      <h2 className="font-display font-semibold text-lg">{title}</h2>
      <div>
        {text && <div className="text-muted">{text}</div>}
        {children && <div className="mt-4 flex flex-wrap items-center gap-3">{children}</div>}
      </div>
    </section>
  )
}

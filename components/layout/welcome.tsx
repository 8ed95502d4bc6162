import { useTranslations } from 'next-intl'
import type { ReactNode } from 'react'
import { FramedFace } from './framed-face'

interface WelcomeProps {
  /** Chooses a photo: the one thing to do here. */
  picker: ReactNode
  /** Whether people start without an account. */
  guests: boolean
}

/** The first page: what the site is for, and the picker. */
export function Welcome({ picker, guests }: WelcomeProps) {
  const translate = useTranslations('site.welcome')
  return (
    <div className="grid items-center gap-x-8 gap-y-5 min-[42rem]:min-h-[min(38rem,100svh-13rem)] min-[42rem]:grid-cols-[minmax(0,1fr)_minmax(0,min(27rem,42vw,100svh-7rem))] min-[60rem]:gap-x-16">
      <div>
        <h1 className="text-balance text-display">{translate('title')}</h1>
        <p className="mt-3 max-w-md text-balance text-lg text-muted sm:mt-5">{translate('lead')}</p>
        <div className="mt-5 sm:mt-7">{picker}</div>
        {guests && <p className="mt-4 text-balance text-muted text-sm">{translate('guests')}</p>}
      </div>
      <div className="order-first h-40 overflow-hidden rounded-card min-[42rem]:order-none min-[42rem]:aspect-square min-[42rem]:h-auto min-[42rem]:rounded-[2rem]">
        <FramedFace className="size-full origin-[60%_39%] scale-140 overflow-visible min-[42rem]:scale-100" />
      </div>
    </div>
  )
}

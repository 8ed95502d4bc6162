'use client'

import Link from 'next/link'
import { useTranslations } from 'next-intl'
import { pathTo } from '@/components/collection-path'
import { SignInAgain } from '@/components/sign-in-again'
import { Button } from '@/components/ui/button'
import { useShownCollection } from '@/components/use-shown-collection'
import type { ShownCode } from '@/lib/browser/attempt'

type WayOn = 'retry' | 'reload' | 'signIn' | 'upload' | 'gallery'

/** What helps against a failure. The crop stands in the page's address: a reload keeps it. */
const waysOn: Partial<Record<ShownCode, WayOn[]>> = {
  unauthorized: ['signIn'],
  forbidden_origin: ['reload'],
  changed: ['reload'],
  invalid_request: ['reload'],
  internal: ['retry', 'reload'],
  not_found: ['upload', 'gallery'],
  not_uploaded: ['upload'],
  unsupported_type: ['upload'],
  too_large: ['upload'],
  unreadable_image: ['upload'],
  too_many_pixels: ['upload'],
  draft_gone: ['upload'],
  quota: ['gallery'],
}

/** The ways on from a failure, as buttons and links. */
export function WaysOn({ code, onRetry }: { code: ShownCode; onRetry?: () => void }) {
  const translate = useTranslations('crop.waysOn')
  const collection = useShownCollection()
  return (waysOn[code] ?? ['retry']).map((way) => {
    if (way === 'retry' && !onRetry) return null
    if (way === 'retry')
      return (
        <Button key={way} onClick={onRetry}>
          {translate('retry')}
        </Button>
      )
    if (way === 'signIn') return <SignInAgain key={way} />
    if (way === 'reload')
      return (
        <Button key={way} onClick={() => window.location.reload()}>
          {translate('reload')}
        </Button>
      )
    return (
      <Button key={way} asChild>
        <Link href={pathTo(way, collection)}>{translate(way)}</Link>
      </Button>
    )
  })
}

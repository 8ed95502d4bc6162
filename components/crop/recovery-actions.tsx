'use client'

import Link from 'next/link'
import { useTranslations } from 'next-intl'
import { pagePath } from '@/components/collection-path'
import { SignInAgain } from '@/components/layout/sign-in-again'
import { Button } from '@/components/ui/button'
import { useShownCollection } from '@/components/use-shown-collection'
import type { ShownCode } from '@/lib/browser/attempt'

type RecoveryAction = 'retry' | 'reload' | 'signIn' | 'upload' | 'gallery'

/** What helps against a failure. The crop stands in the page's address: a reload keeps it. */
const recoveryActions: Partial<Record<ShownCode, RecoveryAction[]>> = {
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
export function RecoveryActions({ code, onRetry }: { code: ShownCode; onRetry?: () => void }) {
  const translate = useTranslations('crop.recoveryActions')
  const collection = useShownCollection()
  return (recoveryActions[code] ?? ['retry']).map((way) => {
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
        <Link href={pagePath(way, collection)}>{translate(way)}</Link>
      </Button>
    )
  })
}

'use client'

import { useTranslations } from 'next-intl'
import { ReloadButton } from '@/components/layout/reload-button'
import { SignInAgain } from '@/components/layout/sign-in-again'
import { Button } from '@/components/ui/button'
import type { ShownCode } from '@/lib/browser/attempt'
import type { Collection } from '@/lib/images/collections'
import { hasRecoveryLinks, RecoveryLinks } from './recovery-links'

/** A reload keeps the crop, which is in the page's address. */
const reloads: readonly ShownCode[] = ['forbidden_origin', 'changed', 'invalid_request']

interface RecoveryActionsProps {
  code: ShownCode
  collection: Collection
  onRetry: () => void
  onChooseAnother: (() => void) | undefined
}

/** Buttons and links that can resolve a failed crop or save; by default another try. */
export function RecoveryActions({ code, onRetry, ...links }: RecoveryActionsProps) {
  const translate = useTranslations('crop.recoveryActions')
  if (hasRecoveryLinks(code)) return <RecoveryLinks code={code} {...links} />
  if (code === 'unauthorized') return <SignInAgain onSignedIn={onRetry} />
  if (reloads.includes(code)) return <ReloadButton />
  return (
    <>
      <Button onClick={onRetry}>{translate('retry')}</Button>
      {code === 'internal' && <ReloadButton />}
    </>
  )
}

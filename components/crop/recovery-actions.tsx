'use client'

import Link from 'next/link'
import { useTranslations } from 'next-intl'
import { pagePath } from '@/components/collection'
import { FailureNotice } from '@/components/layout/failure-notice'
import { SignInAgain } from '@/components/layout/sign-in-again'
import { Button, buttonLook } from '@/components/ui/button'
import { useShownCollection } from '@/components/use-shown-collection'
import type { Failure, ShownCode } from '@/lib/browser/attempt'
import type { Collection } from '@/lib/images/collections'

type RecoveryAction = 'retry' | 'reload' | 'signIn' | 'upload' | 'gallery'

/** Actions that can resolve a failure; by default `retry`. A reload keeps the crop, which is in the page's address. */
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

/** Buttons and links that can resolve a failure of the crop page. */
export function RecoveryActions({ code, onRetry }: { code: ShownCode; onRetry?: () => void }) {
  const translate = useTranslations('crop.recoveryActions')
  const collection = useShownCollection()
  return (recoveryActions[code] ?? ['retry']).map((action) => {
    if (action === 'signIn') return <SignInAgain key={action} />
    if (action === 'upload' || action === 'gallery')
      return (
        <Link key={action} href={pagePath(action, collection)} className={buttonLook()}>
          {translate(action)}
        </Link>
      )
    const onClick = action === 'retry' ? onRetry : () => window.location.reload()
    return (
      onClick && (
        <Button key={action} onClick={onClick}>
          {translate(action)}
        </Button>
      )
    )
  })
}

interface SaveFailureProps {
  failure: Failure
  collection: Collection
  /** A more specific sentence than the code's own. */
  sentence: string | undefined
  onRetry: () => void
  /** Returns to the editor and keeps the edits. */
  onBack: () => void
  onSaveWithoutOriginal: () => void
}

/** Shows why a save failed and the actions that can resolve it. */
export function SaveFailure({
  failure,
  collection,
  sentence,
  onRetry,
  onBack,
  onSaveWithoutOriginal,
}: SaveFailureProps) {
  const translate = useTranslations('crop.preview')
  if (failure.code === 'deleted') {
    return (
      <FailureNotice failure={failure}>
        <Button onClick={onBack}>{translate('cropDifferently')}</Button>
        <Link href={pagePath('upload', collection)} className={buttonLook()}>
          {translate('uploadAgain')}
        </Link>
      </FailureNotice>
    )
  }
  if (failure.code === 'no_original') {
    return (
      <FailureNotice failure={failure} sentence={translate('original.gone')}>
        <Button onClick={onSaveWithoutOriginal}>{translate('original.saveWithout')}</Button>
      </FailureNotice>
    )
  }
  return (
    <FailureNotice failure={failure} sentence={sentence}>
      <RecoveryActions code={sentence ? 'busy' : failure.code} onRetry={onRetry} />
    </FailureNotice>
  )
}

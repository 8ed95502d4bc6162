import Link from 'next/link'
import { useTranslations } from 'next-intl'
import { pagePath } from '@/components/collection-path'
import { FailureNotice } from '@/components/layout/failure-notice'
import { Button } from '@/components/ui/button'
import type { Failure } from '@/lib/browser/attempt'
import type { Collection } from '@/lib/images/collections'
import { RecoveryActions } from './recovery-actions'

interface SaveFailureProps {
  failure: Failure
  collection: Collection
  onRetry: () => void
  /** Back to the editor, with the edits. */
  onBack: () => void
  onSaveWithoutOriginal: () => void
}

/** Why a photo was not saved, and the ways on. */
export function SaveFailure({ failure, collection, onRetry, onBack, onSaveWithoutOriginal }: SaveFailureProps) {
  const translate = useTranslations('crop.preview')
  if (failure.code === 'deleted') {
    return (
      <FailureNotice failure={failure}>
        <Button onClick={onBack}>{translate('cropDifferently')}</Button>
        <Button asChild>
          <Link href={pagePath('upload', collection)}>{translate('uploadAgain')}</Link>
        </Button>
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
    <FailureNotice failure={failure}>
      <RecoveryActions code={failure.code} onRetry={onRetry} />
    </FailureNotice>
  )
}

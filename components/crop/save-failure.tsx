import Link from 'next/link'
import { useTranslations } from 'next-intl'
import { pathTo } from '@/components/collection-path'
import { FailureNotice } from '@/components/failure-notice'
import { Button } from '@/components/ui/button'
import type { Failure } from '@/lib/browser/attempt'
import type { Collection } from '@/lib/images/collections'
import { WaysOn } from './ways-on'

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
          <Link href={pathTo('upload', collection)}>{translate('uploadAgain')}</Link>
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
      <WaysOn code={failure.code} onRetry={onRetry} />
    </FailureNotice>
  )
}

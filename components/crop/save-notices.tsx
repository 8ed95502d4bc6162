'use client'

import Link from 'next/link'
import { useTranslations } from 'next-intl'
import type { ReactNode } from 'react'
import { pagePath } from '@/components/collection'
import { FailureNotice } from '@/components/layout/failure-notice'
import { Button, buttonLook } from '@/components/ui/button'
import type { Collection } from '@/lib/images/collections'
import { RecoveryActions } from './recovery-actions'
import type { Goal, SaveFailed } from './use-save-photo'

interface SaveNoticesProps {
  failed: SaveFailed
  collection: Collection
  onCropAgain: (goal: Goal) => void
  onSaveAgain: () => void
  /** Returns to the editor and keeps the edits. */
  onBack: () => void
  onSaveWithoutOriginal: () => void
  /** The person goes to choose another photo, so this one is given up. */
  onChooseAnother: (() => void) | undefined
}

/** Shows why a crop or a save failed and the actions that can resolve it. */
export function SaveNotices({ failed, collection, ...on }: SaveNoticesProps) {
  const translate = useTranslations('crop')
  const { failure } = failed
  const notice = (actions: ReactNode, sentence?: string) => (
    <FailureNotice failure={failure} sentence={sentence}>
      {actions}
    </FailureNotice>
  )
  const shared = { collection, onChooseAnother: on.onChooseAnother }
  if (failed.at === 'crop') {
    const { goal } = failed
    return notice(<RecoveryActions code={failure.code} onRetry={() => on.onCropAgain(goal)} {...shared} />)
  }
  switch (failure.code) {
    case 'deleted':
      return notice(
        <>
          <Button onClick={on.onBack}>{translate('preview.cropDifferently')}</Button>
          <Link href={pagePath('upload', collection)} className={buttonLook()} onClick={on.onChooseAnother}>
            {translate('preview.uploadAgain')}
          </Link>
        </>,
      )
    case 'no_original':
      return notice(
        <Button onClick={on.onSaveWithoutOriginal}>{translate('preview.original.saveWithout')}</Button>,
        translate('preview.original.gone'),
      )
    case 'draft_gone':
      // Another try makes the crop again.
      return notice(<RecoveryActions code="busy" onRetry={on.onSaveAgain} {...shared} />, translate('gone'))
    default:
      return notice(<RecoveryActions code={failure.code} onRetry={on.onSaveAgain} {...shared} />)
  }
}

'use client'

import { useTranslations } from 'next-intl'
import type { RefObject } from 'react'
import { useCollectionWords } from '@/components/collection'
import { Button } from '@/components/ui/button'
import type { Collection } from '@/lib/images/collections'
import { KeepOriginal } from './keep-original'
import type { Photo } from './use-photo'

interface SaveActionsProps {
  collection: Collection
  photo: Photo
  saveButton: RefObject<HTMLButtonElement | null>
  onStop: () => void
}

/** The choice about the original, the main buttons of editor and preview, and what happens after a press. */
export function SaveActions({ collection, photo, saveButton, onStop }: SaveActionsProps) {
  const translate = useTranslations('crop')
  const word = useCollectionWords(collection)
  const { editor, saving, shownCrop } = photo
  const { state } = saving
  // A running save has read the choice about the original.
  const isCommitting = state.step === 'saving' || (state.step === 'cropping' && state.goal === 'save')

  function progress(): string {
    switch (state.step) {
      case 'uploading':
        return translate(state.goal === 'save' ? 'waitingToSave' : 'waitingToPreview')
      case 'cropping':
        return saving.waitSeconds === null
          ? translate('applying')
          : translate('waiting', { seconds: saving.waitSeconds })
      case 'saving':
        return translate('preview.saving')
      default:
        return state.isStopped ? translate('stopped') : ''
    }
  }

  return (
    <>
      <KeepOriginal checked={photo.keepsOriginal} disabled={isCommitting} onChange={photo.chooseOriginal} />
      <div className="flex gap-3">
        {!shownCrop &&
          (saving.isBusy ? (
            <Button size="large" onClick={onStop}>
              {translate('stop')}
            </Button>
          ) : (
            <Button size="large" look="quiet" disabled={!editor.editing} onClick={() => saving.start('preview')}>
              {translate('preview.open')}
            </Button>
          ))}
        <Button
          ref={saveButton}
          look="primary"
          size="large"
          className="grow"
          disabled={!editor.editing && !shownCrop}
          busy={saving.isBusy}
          onClick={() => photo.save()}
        >
          {word('crop.preview.save')}
        </Button>
      </div>
      <p role="status" className="text-center text-sm empty:sr-only">
        {progress()}
      </p>
    </>
  )
}

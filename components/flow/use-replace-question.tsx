'use client'

import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { ConfirmDialog } from '@/components/ui/dialog'

interface Question {
  /** The file that is not in the editor now, and not saved. */
  unsaved: string | null
  answer: (mayReplace: boolean) => void
}

/** Asks whether a new photo may replace the one that is not saved yet. `dialog` is to be rendered. */
export function useReplaceQuestion() {
  const translate = useTranslations('upload.replace')
  const [question, setQuestion] = useState<Question | null>(null)
  const answer = (mayReplace: boolean) => {
    question?.answer(mayReplace)
    setQuestion(null)
  }
  const unsaved = question?.unsaved ?? null
  return {
    /** @param unsaved the name of the photo, if the editor does not show it */
    ask: (unsaved: string | null) => new Promise<boolean>((answer) => setQuestion({ unsaved, answer })),
    dismiss: () => answer(false),
    dialog: (
      <ConfirmDialog
        open={question !== null}
        onOpenChange={() => answer(false)}
        title={translate('title')}
        description={unsaved === null ? translate('text') : translate('unsaved', { name: unsaved })}
        confirmLabel={translate('confirm')}
        cancelLabel={translate(unsaved === null ? 'cancel' : 'keep')}
        onConfirm={() => answer(true)}
      />
    ),
  }
}

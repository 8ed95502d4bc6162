import { Undo2 } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { useEffect, useEffectEvent, useId, useLayoutEffect, useRef } from 'react'
import { Button } from '@/components/ui/button'

interface UndoBarProps {
  name: string
  sentence: string
  onUndo: () => void
  /** Deletes the photo without waiting. */
  onDismiss: () => void
  /** Moves the focus, because the bar disappears with it. */
  onFocusLost: () => void
}

/** Says that a photo is deleted and offers to undo it. Takes the focus; Escape dismisses it. */
export function UndoBar({ name, sentence, onUndo, onDismiss, onFocusLost }: UndoBarProps) {
  const translate = useTranslations('gallery')
  const sentenceId = useId()
  const bar = useRef<HTMLDivElement>(null)
  const loseFocus = useEffectEvent(onFocusLost)

  useEffect(() => bar.current?.querySelector('button')?.focus({ preventScroll: true }), [])
  useLayoutEffect(() => {
    const element = bar.current
    return () => {
      if (element?.contains(document.activeElement)) loseFocus()
    }
  }, [])

  return (
    <div
      ref={bar}
      data-bottom-bar
      className="sticky bottom-4 z-20 mx-auto mt-6 flex w-fit max-w-full items-center gap-4 overflow-hidden rounded-card studio py-2 ps-5 pe-2 text-sm shadow-lg"
    >
      <p id={sentenceId}>{sentence}</p>
      <Button
        look="quiet"
        aria-label={translate('named', { action: translate('undo'), name })}
        aria-describedby={sentenceId}
        onClick={onUndo}
        onKeyDown={(event) => event.key === 'Escape' && onDismiss()}
      >
        <Undo2 aria-hidden className="rtl:-scale-x-100" />
        <span>{translate('undo')}</span>
      </Button>
    </div>
  )
}

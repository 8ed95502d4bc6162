'use client'

import { X } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { Dialog } from 'radix-ui'
import { type ReactNode, useRef } from 'react'
import { IconButton } from './icon-button'

interface ShortcutsDialogProps {
  open: boolean
  onOpenChange: (open: boolean) => void
  footnote?: ReactNode
}

const shortcuts = [
  'move',
  'zoom',
  'doubleClick',
  'straighten',
  'turn',
  'flip',
  'undo',
  'redo',
  'reset',
  'close',
] as const

/** The gestures and keys of the editor. Closing returns the focus. */
export function ShortcutsDialog({ open, onOpenChange, footnote }: ShortcutsDialogProps) {
  const translate = useTranslations('crop.shortcuts')
  const opener = useRef<Element | null>(null)

  function returnFocus(event: Event) {
    // Radix returns the focus only to its own Trigger, which this dialog does not use.
    event.preventDefault()
    if (opener.current instanceof HTMLElement) opener.current.focus()
  }

  return (
    <Dialog.Root open={open} onOpenChange={onOpenChange}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-studio/80" />
        <Dialog.Content
          aria-describedby={undefined}
          onOpenAutoFocus={() => {
            opener.current = document.activeElement
          }}
          onCloseAutoFocus={returnFocus}
          className="studio fixed inset-0 z-50 m-auto h-fit max-h-[calc(100dvh-2rem)] w-[min(30rem,calc(100vw-2rem))] overflow-y-auto rounded-card border border-studio-line p-6 shadow-xl"
        >
          <div className="flex items-center justify-between gap-3">
            <Dialog.Title className="font-semibold text-lg">{translate('title')}</Dialog.Title>
            <Dialog.Close asChild>
              <IconButton label={translate('dismiss')} Icon={X} />
            </Dialog.Close>
          </div>
          <p className="mt-2 text-studio-muted text-sm">{translate('hint')}</p>
          <dl className="mt-4 grid grid-cols-[auto_1fr] items-baseline gap-x-6 gap-y-2.5 text-sm">
            {shortcuts.map((name) => (
              <div key={name} className="contents">
                <dt className="text-studio-muted">{translate(`${name}.does`)}</dt>
                <dd className="text-end">{translate(`${name}.keys`)}</dd>
              </div>
            ))}
          </dl>
          {footnote && <div className="mt-5 text-studio-muted text-xs">{footnote}</div>}
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  )
}

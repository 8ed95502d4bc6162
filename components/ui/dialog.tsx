'use client'

import { AlertDialog } from 'radix-ui'
import { type ReactNode, useRef } from 'react'
import { Button } from './button'

interface ConfirmDialogProps {
  open: boolean
  /** Called with false on Cancel and Esc, never while busy. */
  onOpenChange: (open: boolean) => void
  title: string
  description: ReactNode
  confirmLabel: string
  cancelLabel: string
  /** The dialog stays open until the caller closes it, so that slow work can show `busy`. */
  onConfirm: () => void
  busy?: boolean
  /** Marks a destructive action. */
  danger?: boolean
  /** To move the focus elsewhere on close: call preventDefault, then focus the element. */
  onCloseAutoFocus?: (event: Event) => void
}

/** Confirms an action that cannot be undone. Cancel gets the focus; closing returns it to the previous element. */
export function ConfirmDialog({
  open,
  onOpenChange,
  title,
  description,
  confirmLabel,
  cancelLabel,
  onConfirm,
  busy,
  danger,
  onCloseAutoFocus,
}: ConfirmDialogProps) {
  const opener = useRef<Element | null>(null)

  function returnFocus(event: Event) {
    onCloseAutoFocus?.(event)
    if (event.defaultPrevented) return
    // Radix returns the focus only to its own Trigger, which this dialog does not use.
    event.preventDefault()
    if (opener.current instanceof HTMLElement) opener.current.focus()
  }

  return (
    <AlertDialog.Root open={open} onOpenChange={(next) => !busy && onOpenChange(next)}>
      <AlertDialog.Portal>
        <AlertDialog.Overlay className="fixed inset-0 z-40 bg-canvas/80 backdrop-blur-[2px]" />
        <AlertDialog.Content
          onOpenAutoFocus={() => {
            opener.current = document.activeElement
          }}
          onCloseAutoFocus={returnFocus}
          className="fixed inset-0 z-50 m-auto h-fit max-h-[calc(100dvh-2rem)] w-[min(28rem,calc(100vw-2rem))] overflow-y-auto rounded-card border border-line bg-surface p-6 text-ink shadow-xl"
        >
          <AlertDialog.Title className="font-semibold text-lg">{title}</AlertDialog.Title>
          <AlertDialog.Description asChild>
            <div className="mt-2 text-muted">{description}</div>
          </AlertDialog.Description>
          <div className="mt-6 flex flex-wrap justify-end gap-3">
            <AlertDialog.Cancel asChild>
              <Button aria-disabled={busy || undefined}>{cancelLabel}</Button>
            </AlertDialog.Cancel>
            <Button look={danger ? 'danger' : 'primary'} busy={busy} onClick={onConfirm}>
              {confirmLabel}
            </Button>
          </div>
        </AlertDialog.Content>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  )
}

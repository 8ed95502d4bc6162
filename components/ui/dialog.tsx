'use client'

import { type ReactNode, useEffectEvent, useId, useLayoutEffect, useRef } from 'react'
import { Button } from './button'
import { cn } from './cn'
import { useBack } from './use-back'

interface ModalProps {
  title: string
  /** An alert dialog asks something before it does harm. */
  role?: 'dialog' | 'alertdialog'
  look?: keyof typeof looks
  children: ReactNode
  /** Called on Esc, on Back, and for a sheet on a press beside it. The dialog is open as long as it is rendered. */
  onCloseRequest: () => void
  /** Moves the focus elsewhere after the dialog has closed, instead of to the previous element. */
  onCloseAutoFocus?: ((event: Event) => void) | undefined
}

const surface = 'border-line bg-surface text-ink'

const looks = {
  panel: `${surface} m-auto max-h-[calc(100dvh-2rem)] w-[min(28rem,calc(100vw-2rem))] rounded-3xl`,
  /** On the editor's surround, around a picture as wide as it fits. */
  studio:
    'studio m-auto max-h-[calc(100dvh-1.5rem)] w-[min(44rem,calc(100vw-1.5rem),calc((100dvh-13rem)*16/9))] min-w-72 rounded-3xl border-studio-line',
  /** At the bottom of a phone's screen, wide elsewhere. */
  sheet: `${surface} mx-0 mt-auto mb-0 max-h-[94dvh] w-full max-w-none rounded-t-3xl sm:m-auto sm:max-h-[calc(100dvh-2rem)] sm:w-[min(48rem,calc(100vw-2rem))] sm:rounded-b-3xl`,
}

/**
 * A modal dialog: the page behind it is inert. The element with `data-autofocus` gets the focus, else the first control.
 * Closing returns the focus to the previous element.
 */
export function Modal({ title, role = 'dialog', look = 'panel', ...props }: ModalProps) {
  const { children, onCloseRequest, onCloseAutoFocus } = props
  const element = useRef<HTMLDialogElement>(null)
  const titleId = useId()
  const moveFocus = useEffectEvent(() => onCloseAutoFocus?.(new Event('close', { cancelable: true })))

  useBack(onCloseRequest)

  useLayoutEffect(() => {
    const dialog = element.current
    dialog?.showModal()
    dialog?.querySelector<HTMLElement>('[data-autofocus]')?.focus()
    return () => {
      dialog?.close()
      // The element that gets the focus may be rendered together with the end of the dialog.
      queueMicrotask(moveFocus)
    }
  }, [])

  return (
    <dialog
      ref={element}
      role={role}
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault()
        onCloseRequest()
      }}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return
        // A browser closes the dialog at the second Esc even if its `cancel` event is prevented.
        event.preventDefault()
        event.stopPropagation()
        onCloseRequest()
      }}
      onClick={(event) => look === 'sheet' && event.target === event.currentTarget && onCloseRequest()}
      className={cn(
        looks[look],
        'overflow-y-auto overscroll-contain border text-start shadow-2xl transition-[opacity,translate] duration-200 ease-out backdrop:bg-canvas/75 backdrop:backdrop-blur-xs starting:translate-y-2 starting:opacity-0',
      )}
    >
      <div className="p-6 sm:p-8">
        <h2
          id={titleId}
          className={cn('wrap-anywhere text-balance font-display font-semibold text-xl', look !== 'panel' && 'pe-10')}
        >
          {title}
        </h2>
        {children}
      </div>
    </dialog>
  )
}

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
  /** To move the focus elsewhere on close. */
  onCloseAutoFocus?: (event: Event) => void
}

/** Confirms an action that cannot be undone. Cancel gets the focus; closing returns it to the previous element. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  const { open, onOpenChange, title, description, confirmLabel, cancelLabel, onConfirm, busy, danger } = props
  if (!open) return null
  const close = () => !busy && onOpenChange(false)
  return (
    <Modal role="alertdialog" title={title} onCloseRequest={close} onCloseAutoFocus={props.onCloseAutoFocus}>
      <div className="mt-2 text-muted">{description}</div>
      <div className="mt-7 flex flex-wrap justify-end gap-3 max-sm:*:grow">
        <Button data-autofocus aria-disabled={busy || undefined} onClick={close}>
          {cancelLabel}
        </Button>
        <Button look={danger ? 'danger' : 'primary'} busy={busy ?? false} onClick={onConfirm}>
          {confirmLabel}
        </Button>
      </div>
    </Modal>
  )
}

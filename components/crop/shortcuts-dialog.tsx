'use client'

import { X } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { Modal } from '@/components/ui/dialog'
import { IconButton } from './icon-button'

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
export function ShortcutsDialog({ onClose }: { onClose: () => void }) {
  const translate = useTranslations('crop.shortcuts')
  return (
    <Modal title={translate('title')} onCloseRequest={onClose}>
      <IconButton
        label={translate('dismiss')}
        Icon={X}
        className="absolute end-4 top-4 sm:end-6 sm:top-6"
        onClick={onClose}
      />
      <p className="mt-2 text-muted text-sm">{translate('hint')}</p>
      <dl className="mt-4 grid grid-cols-[auto_1fr] items-baseline gap-x-6 gap-y-2.5 text-sm">
        {shortcuts.map((name) => (
          <div key={name} className="contents">
            <dt className="text-muted">{translate(`${name}.does`)}</dt>
            <dd className="text-end">{translate(`${name}.keys`)}</dd>
          </div>
        ))}
      </dl>
    </Modal>
  )
}

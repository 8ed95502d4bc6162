'use client'

import { Camera } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { useLaterCode, useLaterCodeOnPress } from '@/components/later/load-later-code'
import { Button } from '@/components/ui/button'
import { cn } from '@/components/ui/cn'
import { useHasCamera } from './use-has-camera'

/**
 * Opens the camera of a computer. Phones and tablets have a better one behind a file input. Its space is reserved, so
 * that nothing moves once the browser has said whether there is a camera.
 */
export function CameraButton({ onPhoto }: { onPhoto: (file: File) => void }) {
  const translate = useTranslations('upload.camera')
  const hasCamera = useHasCamera()
  const [isOpen, setIsOpen] = useState(false)
  const later = useLaterCode()
  const loadLater = useLaterCodeOnPress()
  return (
    <>
      <Button
        size="large"
        className={cn('pointer-coarse:hidden', !hasCamera && 'invisible')}
        aria-haspopup="dialog"
        // The text is no name while it is invisible.
        aria-label={translate('open')}
        onClick={async () => setIsOpen((await loadLater()) !== null)}
      >
        <Camera aria-hidden />
        <span>{translate('open')}</span>
      </Button>
      {isOpen && later && <later.CameraDialog onClose={() => setIsOpen(false)} onPhoto={onPhoto} />}
    </>
  )
}

'use client'

import { Camera } from 'lucide-react'
import dynamic from 'next/dynamic'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { Button } from '@/components/ui/button'
import { cn } from '@/components/ui/cn'
import { useHasCamera } from './use-has-camera'

const CameraDialog = dynamic(() => import('./camera-dialog'), { ssr: false })

/**
 * Opens the camera of a computer. Phones and tablets have a better one behind a file input. Its space is reserved, so
 * that nothing moves once the browser has said whether there is a camera.
 */
export function CameraButton({ onPhoto }: { onPhoto: (file: File) => void }) {
  const translate = useTranslations('upload.camera')
  const hasCamera = useHasCamera()
  const [isOpen, setIsOpen] = useState(false)
  return (
    <>
      <Button
        size="large"
        className={cn('pointer-coarse:hidden', !hasCamera && 'invisible')}
        aria-haspopup="dialog"
        // The text is no name while it is invisible.
        aria-label={translate('open')}
        onClick={() => setIsOpen(true)}
      >
        <Camera aria-hidden />
        <span>{translate('open')}</span>
      </Button>
      {isOpen && <CameraDialog onClose={() => setIsOpen(false)} onPhoto={onPhoto} />}
    </>
  )
}

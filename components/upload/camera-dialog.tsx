'use client'

import { LoaderCircle, X } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { Button } from '@/components/ui/button'
import { cn } from '@/components/ui/cn'
import { Modal } from '@/components/ui/dialog'
import { useCamera } from './use-camera'

interface CameraDialogProps {
  onClose: () => void
  onPhoto: (file: File) => void
}

/** Seconds to get ready. */
const countdownSeconds = 3

/**
 * Takes a photo with the camera of a computer: live view, countdown, then use or retake. The live view is mirrored, so
 * that people move as in front of a mirror. The photo is not: it shows them, and any writing, as others see them. Slack
 * and Google Meet do the same.
 */
export function CameraDialog({ onClose, onPhoto }: CameraDialogProps) {
  const translate = useTranslations('upload.camera')
  const video = useRef<HTMLVideoElement>(null)
  const shutter = useRef<HTMLButtonElement>(null)
  const use = useRef<HTMLButtonElement>(null)
  const { state, restart } = useCamera(video)
  const isLive = state.step === 'live'
  /** Seconds that remain, or null before and after the countdown. */
  const [seconds, setSeconds] = useState<number | null>(null)
  const [photo, setPhoto] = useState<{ file: File; url: string } | null>(null)
  useEffect(() => (photo ? () => URL.revokeObjectURL(photo.url) : undefined), [photo])

  const takePhoto = async () => {
    setSeconds(null)
    const file = video.current && (await capture(video.current, translate('fileName')))
    if (file) setPhoto({ file, url: URL.createObjectURL(file) })
  }
  useEffect(() => {
    if (seconds === null || !isLive) return
    const timer = setTimeout(() => (seconds > 1 ? setSeconds(seconds - 1) : void takePhoto()), 1000)
    return () => clearTimeout(timer)
  })

  useEffect(() => {
    if (isLive && !photo) shutter.current?.focus()
    if (photo) use.current?.focus()
  }, [isLive, photo])

  const spoken = () => {
    if (photo) return translate('taken')
    if (seconds !== null) return translate('countdown', { seconds })
    return isLive ? translate('ready') : ''
  }

  return (
    <Modal look="studio" title={translate(photo ? 'review' : 'title')} onCloseRequest={onClose}>
      <Button
        look="quiet"
        size="icon"
        aria-label={translate('close')}
        className="absolute end-4 top-4 sm:end-6 sm:top-6"
        onClick={onClose}
      >
        <X aria-hidden />
      </Button>
      <div className="mt-4 flex flex-col gap-4">
        <div className="relative grid aspect-video place-items-center overflow-hidden rounded-control bg-studio-raised">
          <video
            ref={video}
            muted
            playsInline
            aria-label={translate('view')}
            className={cn('size-full -scale-x-100 object-contain', !isLive && 'invisible')}
          />
          {photo && (
            // biome-ignore lint/performance/noImgElement: a file of this browser
            <img
              src={photo.url}
              alt={translate('photo')}
              className="absolute inset-0 size-full bg-studio-raised object-contain"
            />
          )}
          {state.step === 'starting' && (
            <Cover>
              <LoaderCircle aria-hidden className="size-8 motion-safe:animate-spin" />
              <p>{translate('starting')}</p>
            </Cover>
          )}
          {state.step === 'failed' && !photo && (
            <Cover>
              <p role="alert" className="max-w-md text-balance">
                {translate(`failures.${state.failure}`)}
              </p>
            </Cover>
          )}
          {isLive && seconds !== null && (
            <Cover>
              <span
                aria-hidden
                className="font-display text-[clamp(5rem,22vh,10rem)] text-studio-ink leading-none drop-shadow-[0_2px_12px_var(--studio)]"
              >
                {seconds}
              </span>
            </Cover>
          )}
        </div>

        <p role="status" className="sr-only">
          {spoken()}
        </p>
        <div className="flex flex-wrap justify-center gap-3">
          {photo ? (
            <>
              <Button size="large" onClick={() => setPhoto(null)}>
                {translate('retake')}
              </Button>
              <Button
                ref={use}
                look="primary"
                size="large"
                onClick={() => {
                  onClose()
                  onPhoto(photo.file)
                }}
              >
                {translate('use')}
              </Button>
            </>
          ) : state.step === 'failed' ? (
            <Button
              look="primary"
              size="large"
              onClick={() => {
                setSeconds(null)
                restart()
              }}
            >
              {translate('retry')}
            </Button>
          ) : (
            <Button
              ref={shutter}
              look="primary"
              size="large"
              busy={!isLive}
              onClick={() => (seconds === null ? setSeconds(countdownSeconds) : takePhoto())}
            >
              {translate(seconds === null ? 'take' : 'now')}
            </Button>
          )}
        </div>
      </div>
    </Modal>
  )
}

/** Lies over the view, in its middle. */
function Cover({ children }: { children: ReactNode }) {
  return (
    <div className="absolute inset-0 flex flex-col items-center justify-center gap-3 p-6 text-center">{children}</div>
  )
}

/** Returns what the camera sees now, not mirrored. */
async function capture(video: HTMLVideoElement, name: string): Promise<File | null> {
  const canvas = document.createElement('canvas')
  canvas.width = video.videoWidth
  canvas.height = video.videoHeight
  canvas.getContext('2d')?.drawImage(video, 0, 0)
  const jpeg = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/jpeg', 0.95))
  return jpeg && new File([jpeg], name, { type: 'image/jpeg' })
}

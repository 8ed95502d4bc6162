import { Pause, Play } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { type ReactNode, useState } from 'react'
import { Button } from '@/components/ui/button'
import { cn } from '@/components/ui/cn'
import type { SavedImage } from '@/lib/images/schema'
import { isMoving } from './gallery-image'

interface PausableProps {
  image: SavedImage
  name: string
  className: string | false
  /** Renders the photo, still or moving. */
  children: (still: boolean) => ReactNode
}

/** A photo, with a button that stops and starts a moving one. With reduced motion nothing moves. */
export function Pausable({ image, name, className, children }: PausableProps) {
  const translate = useTranslations('gallery')
  const [paused, setPaused] = useState(false)
  return (
    <div className={cn('relative', className)}>
      {children(paused)}
      {isMoving(image) && (
        <Button
          size="icon"
          onClick={() => setPaused(!paused)}
          aria-label={translate('named', { action: translate(paused ? 'play' : 'pause'), name })}
          className="absolute end-0 bottom-0 motion-reduce:hidden"
        >
          {paused ? <Play aria-hidden /> : <Pause aria-hidden />}
        </Button>
      )}
    </div>
  )
}

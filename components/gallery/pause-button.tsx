import { Pause, Play } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { Button } from '@/components/ui/button'

interface PauseButtonProps {
  name: string
  paused: boolean
  onToggle: () => void
}

/** Stops and starts a moving photo. With reduced motion nothing moves, so there is nothing to pause. */
export function PauseButton({ name, paused, onToggle }: PauseButtonProps) {
  const translate = useTranslations('gallery')
  return (
    <Button
      size="icon"
      onClick={onToggle}
      aria-label={translate('named', { action: translate(paused ? 'play' : 'pause'), name })}
      className="absolute end-0 bottom-0 motion-reduce:hidden"
    >
      {paused ? <Play aria-hidden /> : <Pause aria-hidden />}
    </Button>
  )
}

import { X } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { Button } from '@/components/ui/button'
import { cn } from '@/components/ui/cn'
import { Modal } from '@/components/ui/dialog'
import type { Collection } from '@/lib/images/collections'
import type { SavedImage } from '@/lib/images/schema'
import { DescriptionField } from './description-field'
import { GalleryImage } from './gallery-image'
import { InUseBadge } from './in-use-badge'
import { Pausable } from './pausable'
import { PhotoActions, type PhotoEvents } from './photo-actions'

interface PhotoSheetProps extends PhotoEvents {
  image: SavedImage
  name: string
  mask: Collection['mask']
  onClose: () => void
}

/** One photo with everything that can be done with it: a sheet on phones, else a dialog. */
export function PhotoSheet({ image, name, mask, onClose, ...events }: PhotoSheetProps) {
  const translate = useTranslations('gallery')
  return (
    <Modal look="sheet" title={name} onCloseRequest={onClose}>
      <div className={cn('mt-5 grid gap-5', mask === 'round' && 'sm:grid-cols-[minmax(0,1fr)_18rem] sm:gap-8')}>
        <Pausable
          image={image}
          name={name}
          className={cn('self-start', mask === 'round' && 'mx-auto w-[min(16rem,60vw)] sm:w-[min(100%,70dvh)]')}
        >
          {(still) => (
            <GalleryImage image={image} alt={image.alt || name} mask={mask} size="large" still={still} eager />
          )}
        </Pausable>
        <div className="space-y-4">
          {image.current && <InUseBadge />}
          <PhotoActions image={image} name={name} layout="list" {...events} />
          <DescriptionField image={image} name={name} onDescribed={(alt) => events.onDescribed(image, alt)} />
        </div>
      </div>
      <Button
        look="quiet"
        size="icon"
        aria-label={translate('close')}
        className="absolute end-3 top-3 sm:end-5 sm:top-5"
        onClick={onClose}
      >
        <X aria-hidden />
      </Button>
    </Modal>
  )
}

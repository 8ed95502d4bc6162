import { Check, Film } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { cn } from '@/components/ui/cn'
import type { Collection } from '@/lib/images/collections'
import type { SavedImage } from '@/lib/images/schema'
import { GalleryImage, isMoving } from './gallery-image'
import { useLongPress } from './use-long-press'

/** What the gallery does with its photos. */
export interface TileActions {
  /** The selected photos, or null outside selection mode. In it, tiles are checkboxes. */
  selected: ReadonlySet<string> | null
  onOpen: (imageId: string) => void
  /** Begins the selection if there is none. */
  onToggle: (imageId: string) => void
}

interface PhotoTileProps extends TileActions {
  image: SavedImage
  name: string
  mask: Collection['mask']
  size: 'tile' | 'large'
  still: boolean
  eager: boolean
}

/** A photo that opens its sheet, or that can be selected. */
export function PhotoTile(props: PhotoTileProps) {
  const { image, name, mask, size, still, eager, selected, onOpen, onToggle } = props
  const translate = useTranslations('gallery')
  const { imageId } = image
  const isSelected = selected?.has(imageId) ?? false
  const longPress = useLongPress(() => onToggle(imageId))
  return (
    <button
      type="button"
      {...(selected ? { role: 'checkbox', 'aria-checked': isSelected } : { 'aria-haspopup': 'dialog' })}
      onClick={() => (selected ? onToggle(imageId) : onOpen(imageId))}
      {...longPress}
      className={cn(
        'relative block w-full scroll-my-24 select-none transition-transform [-webkit-touch-callout:none] motion-safe:active:scale-97',
        mask === 'round' ? 'rounded-full' : 'rounded-control',
      )}
    >
      <GalleryImage image={image} alt={name} mask={mask} size={size} still={still} eager={eager} />
      <span
        aria-hidden
        className={cn(
          'absolute inset-0 rounded-[inherit] ring-offset-2 forced-colors:border ring-offset-canvas transition-shadow',
          isSelected ? 'ring-4 ring-accent' : 'hover:ring-2 hover:ring-accent/50',
        )}
      />
      {selected ? (
        <span
          aria-hidden
          className={cn(
            'absolute end-[6%] top-[6%] grid size-7 place-items-center rounded-full border-2 shadow-sm',
            isSelected ? 'border-accent bg-accent text-accent-ink' : 'border-control bg-surface',
          )}
        >
          {isSelected && <Check className="size-4" strokeWidth={3} />}
        </span>
      ) : (
        size === 'tile' &&
        isMoving(image) && (
          <span
            title={translate('moving')}
            className="absolute end-[6%] top-[6%] grid size-7 place-items-center rounded-full bg-studio/80 text-studio-ink"
          >
            <Film aria-hidden className="size-3.5" />
          </span>
        )
      )}
    </button>
  )
}

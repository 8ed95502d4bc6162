import { cn } from '@/components/ui/cn'
import type { Collection } from '@/lib/images/collections'
import type { SavedImage } from '@/lib/images/schema'
import { DescriptionField } from './description-field'
import { InUseBadge } from './in-use-badge'
import { Pausable } from './pausable'
import { PhotoActions, type PhotoEvents } from './photo-actions'
import { PhotoTile, type TileActions } from './photo-tile'
import { UsedBefore } from './used-before'

interface InUseProps extends TileActions, PhotoEvents {
  image: SavedImage
  /** The photos that were in use before, the last one first. */
  before: readonly SavedImage[]
  names: ReadonlyMap<string, string>
  mask: Collection['mask']
}

/** The photo in use: large, with its main actions and what was in use before. */
export function InUse({ image, before, names, mask, ...props }: InUseProps) {
  const name = names.get(image.imageId) ?? ''
  return (
    <div className={cn('grid items-center gap-x-10 gap-y-5', mask === 'round' && 'sm:grid-cols-[18rem_minmax(0,1fr)]')}>
      <Pausable image={image} name={name} className={mask === 'round' && 'mx-auto w-52 sm:w-full'}>
        {(still) => <PhotoTile {...props} image={image} name={name} mask={mask} size="large" still={still} eager />}
      </Pausable>
      {/* Hidden, not removed, in selection mode: the photos must not move. */}
      <div className={cn('space-y-5', props.selected && 'invisible')}>
        <div>
          <InUseBadge />
          <h2 className="wrap-anywhere font-display font-semibold text-xl">{name}</h2>
        </div>
        <PhotoActions image={image} name={name} layout="row" {...props} />
        <DescriptionField image={image} name={name} onDescribed={(alt) => props.onDescribed(image, alt)} />
        <UsedBefore images={before} names={names} mask={mask} onCurrent={props.onCurrent} />
      </div>
    </div>
  )
}

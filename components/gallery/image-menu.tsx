import { Crop, Download, Ellipsis, FileDown, Pencil, Trash2 } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { DropdownMenu } from 'radix-ui'
import { type Ref, useId } from 'react'
import { Button } from '@/components/ui/button'
import type { SavedImage } from '@/lib/images/schema'

interface ImageMenuProps {
  image: SavedImage
  /** When it was saved, formatted. Names the image in every action. */
  date: string
  busy: boolean
  buttonRef: Ref<HTMLButtonElement>
  onCropAgain: () => void
  onDescribe: () => void
  onDelete: () => void
}

const itemLook =
  'flex min-h-10 cursor-pointer select-none items-center gap-3 rounded-lg px-3 text-sm outline-none data-[highlighted]:bg-raised data-[highlighted]:outline-2 data-[highlighted]:outline-accent pointer-coarse:min-h-11 [&_svg]:size-4 [&_svg]:shrink-0'

/**
 * The actions on one image, except "Set as current". If the original was not kept, the menu explains that instead of
 * offering "Crop again".
 */
export function ImageMenu({ image, date, busy, buttonRef, onCropAgain, onDescribe, onDelete }: ImageMenuProps) {
  const translate = useTranslations('gallery')
  const reasonId = useId()
  return (
    // Not modal: a scroll lock would shift the page behind the menu.
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>
        <Button ref={buttonRef} look="quiet" size="icon" busy={busy} aria-label={translate('menuNamed', { date })}>
          {!busy && <Ellipsis aria-hidden />}
        </Button>
      </DropdownMenu.Trigger>
      {/* No portal: the menu stays inside the page's landmarks, next to its image. */}
      <DropdownMenu.Content
        align="end"
        sideOffset={4}
        collisionPadding={8}
        aria-describedby={image.original ? undefined : reasonId}
        className="z-30 min-w-56 max-w-[calc(100vw-1rem)] rounded-card border border-line bg-surface p-1.5 text-ink shadow-lg"
      >
        {image.original ? (
          <DropdownMenu.Item
            className={itemLook}
            aria-label={translate('cropAgainNamed', { date })}
            onSelect={onCropAgain}
          >
            <Crop aria-hidden />
            <span>{translate('cropAgain')}</span>
          </DropdownMenu.Item>
        ) : (
          <p id={reasonId} className="max-w-56 px-3 py-2 text-pretty text-muted text-xs">
            {translate('originalNotKept')}
          </p>
        )}
        <DropdownMenu.Item className={itemLook} aria-label={translate('describeNamed', { date })} onSelect={onDescribe}>
          <Pencil aria-hidden />
          <span>{translate('describe')}</span>
        </DropdownMenu.Item>
        <DropdownMenu.Item className={itemLook} aria-label={translate('downloadNamed', { date })} asChild>
          <a href={image.variants[0]?.downloadUrl}>
            <Download aria-hidden />
            <span>{translate('download')}</span>
          </a>
        </DropdownMenu.Item>
        {image.original && (
          <DropdownMenu.Item className={itemLook} aria-label={translate('downloadOriginalNamed', { date })} asChild>
            <a href={image.original.url}>
              <FileDown aria-hidden />
              <span>{translate('downloadOriginal')}</span>
            </a>
          </DropdownMenu.Item>
        )}
        <DropdownMenu.Separator className="mx-1.5 my-1.5 h-px bg-line" />
        <DropdownMenu.Item
          className={`${itemLook} text-danger`}
          aria-label={translate('deleteNamed', { date })}
          onSelect={onDelete}
        >
          <Trash2 aria-hidden />
          <span>{translate('delete')}</span>
        </DropdownMenu.Item>
      </DropdownMenu.Content>
    </DropdownMenu.Root>
  )
}

import { useTranslations } from 'next-intl'
import { cn } from '@/components/ui/cn'
import { ReducedMotionImage } from '@/components/ui/reduced-motion-image'
import type { CropAnswer } from '@/lib/images/schema'

interface InContextProps {
  /** Largest first. */
  variants: CropAnswer['variants']
  /** Text for the largest picture. The others repeat it. */
  alt: string
  onBroken: () => void
}

/** A profile photo in a profile header, a chat and a comment. */
export function PhotoInContext(props: InContextProps) {
  const translate = useTranslations('crop.preview.context')
  return (
    <div>
      <div className="h-14 bg-accent-soft sm:h-20" />
      <div className="-mt-10 flex items-end gap-4 px-5 sm:-mt-14">
        <Picture {...props} size="5.5rem" className="size-22 rounded-full ring-4 ring-canvas sm:size-32" />
        <Lines label={translate('profile')} widths={['w-28', 'w-20']} className="pb-2" />
      </div>
      <div className="space-y-4 p-5">
        <div className="flex items-end gap-2.5">
          <Picture {...props} alt="" size="2.25rem" className="size-9 rounded-full" />
          <div className="rounded-2xl rounded-es-md bg-raised px-4 py-3">
            <Lines label={translate('message')} widths={['w-40', 'w-24']} />
          </div>
        </div>
        <div className="flex items-center gap-3 border-line border-t pt-4">
          <Picture {...props} alt="" size="1.5rem" className="size-6 rounded-full" />
          <Lines label={translate('comment')} widths={['w-44']} />
        </div>
      </div>
    </div>
  )
}

/** A cover on a profile page, and small on a card. */
export function CoverInContext(props: InContextProps) {
  const translate = useTranslations('crop.preview.context')
  return (
    <div>
      <Picture {...props} size="30rem" className="aspect-3/1 w-full" />
      <div className="flex items-end gap-4 px-5">
        <div className="-mt-8 size-16 shrink-0 rounded-full bg-raised ring-4 ring-canvas" />
        <Lines label={translate('profile')} widths={['w-28']} className="pt-3 pb-1" />
      </div>
      <div className="flex items-center gap-3 p-5">
        <Picture {...props} alt="" size="9rem" className="aspect-3/1 w-36 rounded-md" />
        <Lines label={translate('message')} widths={['w-32']} />
      </div>
    </div>
  )
}

interface PictureProps extends InContextProps {
  /** Shown width, for the browser's choice among the variants. */
  size: string
  className: string
}

function Picture({ variants, alt, size, onBroken, className }: PictureProps) {
  const [largest] = variants
  if (!largest) return null
  const srcSet = variants.map(({ url, width }) => `${url} ${width}w`).join(', ')
  const posters = variants.map(({ posterUrl, width }) => posterUrl && `${posterUrl} ${width}w`)
  return (
    <ReducedMotionImage poster={posters[0] ? posters.join(', ') : undefined} sizes={size}>
      {/* biome-ignore lint/performance/noImgElement: the variants exist already in the store */}
      <img
        src={largest.url}
        srcSet={srcSet}
        sizes={size}
        alt={alt}
        ref={(image) => {
          if (image?.complete && image.naturalWidth === 0) onBroken()
        }}
        onError={onBroken}
        className={cn('shrink-0 bg-raised object-cover', className)}
      />
    </ReducedMotionImage>
  )
}

/** What this is, and lines in place of text. */
function Lines({ label, widths, className }: { label: string; widths: string[]; className?: string }) {
  return (
    <div aria-hidden className={cn('space-y-2', className)}>
      <p className="text-muted text-xs">{label}</p>
      {widths.map((width) => (
        <div key={width} className={cn('h-2 rounded-full bg-control opacity-60', width)} />
      ))}
    </div>
  )
}

import { Trash2 } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { Button } from '@/components/ui/button'

interface SelectionBarProps {
  selected: number
  /** Number of images that can be selected. */
  loaded: number
  onSelectAll: () => void
  onSelectNone: () => void
  onDelete: () => void
}

/** Actions on the selected images. Sticky, except on very low screens. */
export function SelectionBar({ selected, loaded, onSelectAll, onSelectNone, onDelete }: SelectionBarProps) {
  const translate = useTranslations('gallery')
  return (
    <section
      aria-label={translate('selection')}
      data-bottom-bar
      className="bottom-4 z-10 mt-6 flex flex-wrap items-center justify-between gap-x-2 gap-y-1 rounded-card border border-line bg-surface p-2 shadow-lg [@media(min-height:30rem)]:sticky"
    >
      <p role="status" className="ps-2 font-medium">
        {translate('selected', { count: selected })}
      </p>
      <div className="flex flex-wrap gap-1">
        {selected < loaded ? (
          <Button key="all" look="quiet" className="max-sm:px-3" onClick={onSelectAll}>
            {translate('selectAll')}
          </Button>
        ) : (
          <Button key="all" look="quiet" className="max-sm:px-3" onClick={onSelectNone}>
            {translate('selectNone')}
          </Button>
        )}
        <Button look="danger" className="max-sm:px-4" disabled={selected === 0} onClick={onDelete}>
          <Trash2 aria-hidden />
          <span>{translate('deleteSelected')}</span>
        </Button>
      </div>
    </section>
  )
}

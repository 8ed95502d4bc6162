import type { Collection } from '@/lib/images/collections'

/** The grid of cards: as many columns as fit, wider ones for wide pictures. The skeleton has the same. */
export function gridLook(mask: Collection['mask']): string {
  return mask === 'round'
    ? 'grid grid-cols-[repeat(auto-fill,minmax(min(100%,9rem),1fr))] gap-3 sm:gap-4 sm:grid-cols-[repeat(auto-fill,minmax(13rem,1fr))]'
    : 'grid grid-cols-[repeat(auto-fill,minmax(min(100%,20rem),1fr))] gap-4'
}

/** One card of the grid. */
export const cardLook = 'flex h-full flex-col gap-3 rounded-card border border-line bg-surface p-2 sm:p-3'

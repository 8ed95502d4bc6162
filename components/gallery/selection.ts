import type { DeleteAnswer } from '@/lib/images/schema'

/** Returns the selection with one id added, or removed if it was selected. */
export function toggled(selected: ReadonlySet<string>, id: string): ReadonlySet<string> {
  const next = new Set(selected)
  if (!next.delete(id)) next.add(id)
  return next
}

/** Returns the item to focus after a deletion: the next remaining one, else the previous, else null. */
export function neighbourOf(ids: readonly string[], deleted: readonly string[]): string | null {
  const isLeft = (id: string) => !deleted.includes(id)
  const first = Math.max(
    0,
    ids.findIndex((id) => !isLeft(id)),
  )
  return ids.slice(first).find(isLeft) ?? ids.slice(0, first).findLast(isLeft) ?? null
}

/** Returns the ids that no longer exist after a deletion, including those deleted before (`not_found`). */
export function goneAfter({ deleted, failed }: DeleteAnswer): string[] {
  return [...deleted, ...failed.filter(({ code }) => code === 'not_found').map(({ imageId }) => imageId)]
}

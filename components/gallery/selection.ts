import type { DeleteAnswer } from '@/lib/images/schema'

/** The selection with one id put in, or taken out if it was there. */
export function toggled(selected: ReadonlySet<string>, id: string): ReadonlySet<string> {
  const next = new Set(selected)
  if (!next.delete(id)) next.add(id)
  return next
}

/**
 * Who takes the focus when some of a list are deleted: the nearest that stays after the first of them,
 * else the nearest before it; null when none stays.
 */
export function neighbourOf(ids: readonly string[], deleted: readonly string[]): string | null {
  const stays = (id: string) => !deleted.includes(id)
  const place = Math.max(
    0,
    ids.findIndex((id) => !stays(id)),
  )
  return ids.slice(place).find(stays) ?? ids.slice(0, place).findLast(stays) ?? null
}

/** The images that are gone after a deletion: what no longer exists is what was asked for. */
export function goneAfter({ deleted, failed }: DeleteAnswer): string[] {
  return [...deleted, ...failed.filter(({ code }) => code === 'not_found').map(({ imageId }) => imageId)]
}

import 'server-only'
import { deleteObjects } from '@/lib/s3/objects'
import type { Addressed } from './addressed'
import { agree, joinAgreement } from './agreement'
import { type Entry, readEntries } from './entries'
import { refuse } from './errors'
import { isSameSave, isUnsettled, readTrail, type Trail } from './trail'
import { settleSave } from './writes'

/** Which save stands is not known yet: the next try finds what is under way now at its end. */
export const undecided = refuse('busy', { retryAfterSeconds: 1 })

/** The entry of an image that stands, with a trail that was read later than it. */
interface Standing {
  entry: Entry
  trail: Trail
}

/**
 * Of the entries of an image the one that stands, for whoever acts upon it. Entries that all have their marks were
 * written by tries that are at work still, or were killed before all had agreed (docs/decisions/006): then that is
 * caught up on here. Those that lost are taken back.
 * @param entries at least one
 * @param trail read later than the entries: an older one may be from before the marks that go with them
 * @param cropId the crop that is proposed, if an entry of it is among those that are still to be agreed on
 * @returns null when others were in between, or it was deleted meanwhile: `undecided`
 */
export async function findStanding(
  image: Addressed,
  entries: Entry[],
  trail: Trail,
  cropId?: string,
): Promise<Standing | null> {
  const settled = entries.find((entry) => !isUnsettled(trail, entry))
  if (settled) {
    await withdraw(
      image,
      entries.filter((entry) => !isSameSave(entry, settled) && isUnsettled(trail, entry)),
    )
    return { entry: settled, trail }
  }

  const candidate = entries.find((entry) => entry.cropId === cropId) ?? (entries[0] as Entry)
  await joinAgreement(image, candidate)
  const agreed = await agree(image, candidate, async () => {})
  if (agreed === null || agreed === 'deleted') return null
  const later = await readEntries(image)
  const entry = later.find((one) => isSameSave(one, agreed))
  if (!entry) return null
  await withdraw(
    image,
    later.filter((one) => !isSameSave(one, agreed)),
  )
  return { entry, trail: await readTrail(image.bucket, image.uid, image.collection) }
}

/** The same, and its save is ended: what is built on the entry now outlives the races of its saves. */
export async function settleStanding(image: Addressed, entries: Entry[], trail: Trail): Promise<Entry | null> {
  const standing = await findStanding(image, entries, trail)
  if (standing && isUnsettled(standing.trail, standing.entry)) await settleSave(image, standing.entry)
  return standing?.entry ?? null
}

/** Takes back entries of saves that lost, once another is agreed on. Their objects are left to the sweep. */
export async function withdraw(image: Addressed, losing: Entry[]): Promise<void> {
  await deleteObjects(
    image.bucket,
    losing.map(({ key }) => key),
  )
}

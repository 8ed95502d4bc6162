import type { ErrorCode } from './errors'

/**
 * What must be true of one person's pictures, in plain memory: no store, no hosts, no clocks. An operation has one
 * outcome, or a few where a deletion was killed half-way and both are right until somebody looks.
 */

/** Something that happened, by how many hours have been let pass since the beginning. */
type Hours = number

interface Draft {
  /** Which picture was uploaded, and since when it stands there. */
  upload: { seed: number; at: Hours } | null
  /** The copy that is worked on. */
  copy: { seed: number; at: Hours } | null
  /** When each crop was made, by cropId. */
  crops: Record<string, Hours>
  /** A save of it was begun and not seen to end: there is something that a deletion can clear. */
  isTouched: boolean
  /** A deletion was begun, and killed: the picture may be gone already, and all else may be refused. */
  isDying: boolean
  /** A save that does not keep the original was begun, and killed: upload and copy may be gone already. */
  isErasing: boolean
}

interface Picture {
  cropId: string
  /** Null: the original was not kept. */
  seed: number | null
  alt: string
}

export interface Person {
  drafts: Record<string, Draft>
  pictures: Record<string, Picture>
  deletedAt: Record<string, Hours>
  current: string | null
}

export const noOne = (): Person => ({ drafts: {}, pictures: {}, deletedAt: {}, current: null })

export const freshDraft = (): Draft => ({
  upload: null,
  copy: null,
  crops: {},
  isTouched: false,
  isDying: false,
  isErasing: false,
})

/** An operation on a person's pictures, fully named. */
export type Operation =
  | { kind: 'crop'; imageId: string; x: number; cropId: string }
  | { kind: 'save'; imageId: string; cropId: string; isHeadSeen: boolean; keepOriginal: boolean }
  | { kind: 'delete'; imageId: string }
  | { kind: 'choose'; imageId: string | null }
  | { kind: 'describe'; imageId: string; alt: string }
  | { kind: 'recrop'; imageId: string }

export interface Outcome {
  code: 'ok' | ErrorCode
  person: Person
}

const tombstoneHours = 48
const uploadHours = 24
const draftHours = 48
const savableHours = 47

const isWithin = (at: Hours | undefined, hours: number, now: Hours) => at !== undefined && now - at < hours

const isTombstoned = (person: Person, imageId: string, now: Hours) =>
  isWithin(person.deletedAt[imageId], tombstoneHours, now)

/** All outcomes that are right. */
export function outcomesOf(person: Person, operation: Operation, now: Hours): Outcome[] {
  const { imageId, kind } = operation
  const outcome = (from: Person) => outcomeOf(structuredClone(from), operation, now)
  if (imageId === null) return [outcome(person)]
  const isThere = imageId in person.pictures
  const wasDeleted = !isThere && imageId in person.deletedAt
  // Something of it may be left to clear, the deletion's mark at least, or the sweep was quicker.
  if (kind === 'delete' && !isThere && (wasDeleted || person.drafts[imageId]?.isTouched)) {
    const deletedAt = { ...person.deletedAt, [imageId]: now }
    return [outcome(person), { code: 'ok', person: { ...person, deletedAt } }]
  }
  if (kind === 'crop' && person.drafts[imageId]?.isErasing) {
    return [outcome(person), outcome(withoutUpload(person, imageId))]
  }
  // Its mark may outlive its tombstone.
  if (kind === 'save' && wasDeleted && !person.drafts[imageId]?.isDying) {
    return [outcome(person), { code: 'not_found', person }]
  }
  if (kind === 'delete' || !person.drafts[imageId]?.isDying) return [outcome(person)]
  // Whether its tombstone was written nobody knows, and one that was has an end.
  const deletedAt = Object.fromEntries(Object.entries(person.deletedAt).filter(([id]) => id !== imageId))
  return [{ ...outcome({ ...person, deletedAt }) }, { code: 'not_found', person }]
}

/** The outcome, where there is but one. @param next the person, to be changed */
function outcomeOf(next: Person, operation: Operation, now: Hours): Outcome {
  const refused = (code: ErrorCode): Outcome => ({ code, person: next })
  const done: Outcome = { code: 'ok', person: next }
  switch (operation.kind) {
    case 'crop': {
      const draft = next.drafts[operation.imageId] as Draft
      if (isTombstoned(next, operation.imageId, now)) return refused('not_found')
      const copy = standingCopy(draft, now) ?? standingUpload(draft, now)
      if (!copy) return refused('not_uploaded')
      draft.copy = standingCopy(draft, now) ?? { seed: copy.seed, at: now }
      if (!isWithin(draft.crops[operation.cropId], savableHours, now)) draft.crops[operation.cropId] = now
      return done
    }
    case 'save': {
      const { imageId, cropId, isHeadSeen, keepOriginal } = operation
      const saved = next.pictures[imageId]
      if (isTombstoned(next, imageId, now)) return refused('not_found')
      if (saved) return saved.cropId === cropId ? done : refused('already_saved')
      const draft = next.drafts[imageId] as Draft
      if (!isWithin(draft.crops[cropId], savableHours, now)) return refused('draft_gone')
      const copy = standingCopy(draft, now)
      draft.isTouched = keepOriginal && !copy
      if (draft.isTouched) return refused('draft_gone')
      next.pictures[imageId] = { cropId, seed: keepOriginal && copy ? copy.seed : null, alt: '' }
      if (isHeadSeen) next.current = imageId
      return { code: 'ok', person: keepOriginal ? next : withoutUpload(next, imageId) }
    }
    case 'delete': {
      const { imageId } = operation
      if (!(imageId in next.pictures)) return isTombstoned(next, imageId, now) ? done : refused('not_found')
      delete next.pictures[imageId]
      if (next.current === imageId) next.current = null
      next.deletedAt[imageId] = now
      if (next.drafts[imageId]) next.drafts[imageId].isDying = false
      return done
    }
    case 'choose': {
      const { imageId } = operation
      if (imageId !== null && !(imageId in next.pictures)) return refused('not_found')
      next.current = imageId
      return done
    }
    case 'describe': {
      const picture = next.pictures[operation.imageId]
      if (!picture) return refused('not_found')
      picture.alt = operation.alt
      return done
    }
    case 'recrop': {
      const picture = next.pictures[operation.imageId]
      if (!picture) return refused('not_found')
      return picture.seed === null ? refused('no_original') : done
    }
  }
}

/** The person with nothing left of an original but what may have been kept. */
function withoutUpload(person: Person, imageId: string): Person {
  const draft = { ...(person.drafts[imageId] as Draft), upload: null, copy: null, isErasing: false }
  return { ...person, drafts: { ...person.drafts, [imageId]: draft } }
}

const standingCopy = ({ copy }: Draft, now: Hours) => (isWithin(copy?.at, draftHours, now) ? copy : null)
const standingUpload = ({ upload }: Draft, now: Hours) => (isWithin(upload?.at, uploadHours, now) ? upload : null)

/**
 * What may be found when the host that was at it died: nothing done, all of it, or, of a deletion, that the picture is
 * current no more.
 */
export function remainsOf(person: Person, operation: Operation, now: Hours): Person[] {
  const ends = outcomesOf(person, operation, now).map((outcome) => outcome.person)
  const { imageId } = operation
  const begun = structuredClone(person)
  const draft = imageId === null ? undefined : begun.drafts[imageId]
  if (draft && (operation.kind === 'save' || operation.kind === 'delete')) draft.isTouched = true
  if (draft && operation.kind === 'save' && !operation.keepOriginal) {
    draft.isErasing = true
    const { upload, copy } = draft
    const half = ends.map((end) => {
      const ended = end.drafts[operation.imageId] as Draft
      return {
        ...end,
        drafts: { ...end.drafts, [operation.imageId]: { ...ended, upload, copy, isErasing: true } },
      }
    })
    return [begun, ...half]
  }
  if (operation.kind !== 'delete') return [begun, ...ends]
  if (draft) draft.isDying = true
  begun.deletedAt[operation.imageId] = now
  const half = structuredClone(begun)
  if (half.current === imageId) half.current = null
  return [begun, half, ...ends]
}

/** The person, a save of that image being at work: a deletion finds something to clear. */
export function touched(person: Person, imageId: string): Person {
  const next = structuredClone(person)
  ;(next.drafts[imageId] as Draft).isTouched = true
  return next
}

/** What a person sees. */
export interface Seen {
  pictures: Record<string, { cropId: string; alt: string; isOriginalKept: boolean }>
  current: string | null
}

/** The person as they turn out to be, if what is seen is right for them; else null. */
export function recognise(person: Person, seen: Seen): Person | null {
  const next = structuredClone(person)
  const isDying = (imageId: string | null) => imageId !== null && next.drafts[imageId]?.isDying
  if (isDying(next.current) && seen.current === null) next.current = null
  for (const [imageId, { cropId, alt, seed }] of Object.entries(person.pictures)) {
    const shown = seen.pictures[imageId]
    if (shown?.cropId === cropId && shown.alt === alt && shown.isOriginalKept === (seed !== null)) continue
    if (shown || !isDying(imageId)) return null
    delete next.pictures[imageId]
    // It is gone: then its tombstone stands.
    ;(next.drafts[imageId] as Draft).isDying = false
  }
  const isAllKnown = Object.keys(seen.pictures).every((imageId) => imageId in next.pictures)
  return isAllKnown && seen.current === next.current ? next : null
}

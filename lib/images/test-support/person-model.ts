import type { ErrorCode } from '@/lib/result'

/**
 * An in-memory model of one person's images, without store, hosts or clocks. It returns the correct outcomes of every
 * operation: usually one, or several if a killed step may or may not have erased something.
 */

/** Hours since the start of the test. */
type Hours = number

/** An issued upload. */
interface Upload {
  /** T. */
  issuedAt: Hours
  /** The picture that was sent, and when. Null if it was erased. */
  sent: { seed: number; at: Hours } | null
  /** The picture of the working copy. */
  copy: number | null
  /** The picture of each crop, by cropId. */
  crops: Record<string, number>
  /** Whether a killed save without the original may have erased the upload and the working copy. */
  mayBeErased: boolean
}

interface Image {
  cropId: string
  /** The picture of the original; null if it was not kept. */
  seed: number | null
  alt: string
  /** Whether the trail has an item of this image. */
  isInTrail: boolean | 'maybe'
}

export interface Person {
  uploads: Record<string, Upload>
  images: Record<string, Image>
  /** When each image was deleted, for images with a tombstone or with a tombstone that may exist. */
  deletedAt: Record<string, Hours>
  current: string | null
}

export const newPerson = (): Person => ({ uploads: {}, images: {}, deletedAt: {}, current: null })

export const newUpload = (seed: number, now: Hours): Upload => ({
  issuedAt: now,
  sent: { seed, at: now },
  copy: null,
  crops: {},
  mayBeErased: false,
})

/** An operation on a person's images, with all its arguments. */
export type Operation =
  | { kind: 'crop'; uploadId: string; x: number; cropId: string }
  | { kind: 'save'; imageId: string; uploadId: string; cropId: string; keepOriginal: boolean; isHeadSeen: boolean }
  | { kind: 'delete'; imageId: string }
  | { kind: 'delete many'; imageIds: string[] }
  | { kind: 'choose'; imageId: string | null }
  | { kind: 'describe'; imageId: string; alt: string }
  | { kind: 'recrop'; imageId: string }
  | { kind: 'visit' }

export interface Outcome {
  code: 'ok' | ErrorCode
  person: Person
}

const uploadHours = 24
const openHours = 46
const savableHours = 47
const tombstoneHours = 48

/** Returns all correct outcomes of an operation. */
export function outcomesOf(person: Person, operation: Operation, now: Hours): Outcome[] {
  return expand(person, operation, now).map((variant) => outcomeOf(structuredClone(variant), operation, now))
}

/** Returns the possible states of a person that the operation can distinguish. */
function expand(person: Person, operation: Operation, now: Hours): Person[] {
  const people = [person]
  if (operation.kind === 'crop' || (operation.kind === 'save' && operation.keepOriginal)) {
    // This operation shows whether the original was erased.
    if (person.uploads[operation.uploadId]?.mayBeErased) {
      people.splice(0, 1, ...[true, false].map((isErased) => settleUpload(person, operation.uploadId, isErased)))
    }
  }
  if (operation.kind === 'save' && person.images[operation.imageId]?.isInTrail === 'maybe') {
    return people.flatMap((one) => [true, false].map((isInTrail) => withTrail(one, operation.imageId, isInTrail)))
  }
  // A killed cleanup may have removed an old tombstone.
  if (operation.kind === 'save' || operation.kind === 'delete') {
    const { imageId } = operation
    const isOld = now - (person.deletedAt[imageId] ?? now) > tombstoneHours
    if (isOld) return people.flatMap((one) => [one, withoutTombstones(one, (id) => id === imageId)])
  }
  return people
}

function settleUpload(person: Person, uploadId: string, isErased: boolean): Person {
  const next = structuredClone(person)
  const upload = next.uploads[uploadId] as Upload
  upload.mayBeErased = false
  if (isErased) Object.assign(upload, { sent: null, copy: null })
  return next
}

function withTrail(person: Person, imageId: string, isInTrail: boolean | 'maybe'): Person {
  const next = structuredClone(person)
  ;(next.images[imageId] as Image).isInTrail = isInTrail
  return next
}

function withoutTombstones(person: Person, isRemoved: (imageId: string, deletedAt: Hours) => boolean): Person {
  const remaining = Object.entries(person.deletedAt).filter(([imageId, deletedAt]) => !isRemoved(imageId, deletedAt))
  return { ...person, deletedAt: Object.fromEntries(remaining) }
}

/** Returns the outcome for a person whose relevant state is known. @param next the person; is changed */
function outcomeOf(next: Person, operation: Operation, now: Hours): Outcome {
  const refused = (code: ErrorCode): Outcome => ({ code, person: next })
  const done: Outcome = { code: 'ok', person: next }
  switch (operation.kind) {
    case 'crop': {
      const upload = next.uploads[operation.uploadId] as Upload
      if (now - upload.issuedAt >= openHours) return refused('draft_gone')
      const isSent = upload.sent && now - upload.sent.at < uploadHours
      const seed = upload.copy ?? (isSent ? upload.sent?.seed : null) ?? null
      if (seed === null) return refused('not_uploaded')
      upload.copy = seed
      upload.crops[operation.cropId] = seed
      return done
    }
    case 'save': {
      const { imageId, cropId, keepOriginal, isHeadSeen } = operation
      const upload = next.uploads[operation.uploadId] as Upload
      const saved = next.images[imageId]
      if (imageId in next.deletedAt) return refused('deleted')
      if (!saved) {
        const seed = upload.crops[cropId]
        if (seed === undefined || now - upload.issuedAt >= savableHours) return refused('draft_gone')
        if (keepOriginal && upload.copy !== seed) return refused('no_original')
        next.images[imageId] = { cropId, seed: keepOriginal ? seed : null, alt: '', isInTrail: false }
        if (!keepOriginal) Object.assign(upload, { sent: null, copy: upload.copy === seed ? null : upload.copy })
        if (!keepOriginal) upload.mayBeErased = false
      }
      const image = next.images[imageId] as Image
      if (isHeadSeen && !image.isInTrail) {
        image.isInTrail = true
        next.current = imageId
      }
      return done
    }
    case 'delete': {
      const { imageId } = operation
      if (!(imageId in next.images)) return imageId in next.deletedAt ? done : refused('not_found')
      deleteFrom(next, imageId, now)
      return done
    }
    case 'delete many': {
      for (const imageId of operation.imageIds) if (imageId in next.images) deleteFrom(next, imageId, now)
      return done
    }
    case 'choose': {
      const { imageId } = operation
      const image = imageId === null ? null : next.images[imageId]
      if (image === undefined) return refused('not_found')
      if (image) image.isInTrail = true
      next.current = imageId
      return done
    }
    case 'describe': {
      const image = next.images[operation.imageId]
      if (!image) return refused('not_found')
      image.alt = operation.alt
      return done
    }
    case 'recrop': {
      const image = next.images[operation.imageId]
      if (!image) return refused('not_found')
      return image.seed === null ? refused('no_original') : done
    }
    case 'visit':
      return { code: 'ok', person: withoutTombstones(next, (_, deletedAt) => now - deletedAt > tombstoneHours) }
  }
}

function deleteFrom(person: Person, imageId: string, now: Hours): void {
  delete person.images[imageId]
  person.deletedAt[imageId] = now
  if (person.current === imageId) person.current = null
}

/** Returns the possible states of a person after the host died during the operation. */
export function statesAfterDeath(person: Person, operation: Operation, now: Hours): Person[] {
  const ends = outcomesOf(person, operation, now)
    .filter(({ code }) => code === 'ok')
    .map((outcome) => outcome.person)
  switch (operation.kind) {
    case 'save': {
      const { imageId, uploadId } = operation
      const committed = ends.flatMap((end) => {
        // The host died between entry and trail item, or after both.
        const half = withTrail({ ...end, current: person.current }, imageId, person.images[imageId]?.isInTrail ?? false)
        return [half, end]
      })
      if (operation.keepOriginal || imageId in person.images) return [person, ...committed]
      // The save erases the original at the same time as it writes the trail item.
      const before = person.uploads[uploadId] as Upload
      const uncertain = { ...before, mayBeErased: true }
      return [person, ...committed.map((end) => ({ ...end, uploads: { ...end.uploads, [uploadId]: uncertain } }))]
    }
    case 'delete many':
      // Each image may or may not be deleted.
      return operation.imageIds.reduce<Person[]>(
        (people, imageId) =>
          people.flatMap((one) => [one, outcomeOf(structuredClone(one), { kind: 'delete', imageId }, now).person]),
        [person],
      )
    case 'visit':
    case 'recrop':
      return [person]
    default:
      return [person, ...ends]
  }
}

/** Returns the person after concurrent operations: the trail may or may not have items of their other images. */
export function withUncertainTrail(person: Person, operations: Operation[]): Person {
  return operations.reduce((one, operation) => {
    if (operation.kind !== 'save' && operation.kind !== 'choose') return one
    const { imageId } = operation
    if (imageId === null || !(imageId in one.images)) return one
    return withTrail(one, imageId, one.current === imageId ? true : 'maybe')
  }, person)
}

/** The images that a person sees. */
export interface Seen {
  images: Record<string, { cropId: string; alt: string; isOriginalKept: boolean }>
  current: string | null
}

/** Returns whether a person sees exactly the images of the model. */
export function isCorrect(person: Person, seen: Seen): boolean {
  const ids = Object.keys(person.images)
  if (seen.current !== person.current || ids.length !== Object.keys(seen.images).length) return false
  return Object.entries(person.images).every(([imageId, { cropId, alt, seed }]) => {
    const shown = seen.images[imageId]
    return shown?.cropId === cropId && shown.alt === alt && shown.isOriginalKept === (seed !== null)
  })
}

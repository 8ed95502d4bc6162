import { AsyncLocalStorage } from 'node:async_hooks'
import type { ListedObject, ListedPage, ObjectHead } from '@/lib/s3/objects'

/**
 * A store in memory that answers in any order, in place of `lib/s3/objects`. A seed chooses which request goes on next and
 * which process dies, so that thousands of interleavings are tried where a real store shows a few. A request takes effect
 * at one moment, and its answer arrives at a later one.
 */

interface Stored {
  body: Uint8Array
  lastModified: Date
}

interface Process {
  isDead: boolean
  /** Whether what it has sent is lost with it. */
  isLost: boolean
}

const atWork = new AsyncLocalStorage<Process>()

/** What exists, by key. */
export const objects = new Map<string, Stored>()
/** By the store's clock, in milliseconds. */
export const clock = { nowMs: 0, now: () => clock.nowMs }
let turns: (() => void)[] = []

/** Empties the store and forgets all processes. */
export function reset(): void {
  objects.clear()
  turns = []
  clock.nowMs = 1_800_000_000_000
}

/** Writes an object at once. */
export function place(key: string, body: Uint8Array | string = ''): void {
  objects.set(key, { body: Buffer.from(body), lastModified: new Date(clock.nowMs) })
}

/** All keys below a prefix, in order. */
export function keysBelow(prefix: string): string[] {
  return [...objects.keys()].filter((key) => key.startsWith(prefix)).toSorted()
}

/** Waits for a turn. A process that is dead by then does not go on. */
export async function waitForTurn(): Promise<void> {
  await nextTurn()
  if (atWork.getStore()?.isDead) await new Promise(() => {})
}

const nextTurn = () => new Promise<void>((resolve) => turns.push(resolve))

/** Something that runs in a process of its own. */
export interface Running<T> {
  /** Never resolves if the process is killed before. */
  ended: Promise<T>
  /** @param isLost whether what it has sent is lost with it; else it takes effect, late */
  kill: (isLost: boolean) => void
}

export function begin<T>(work: () => Promise<T>): Running<T> {
  const own: Process = { isDead: false, isLost: false }
  return { ended: atWork.run(own, work), kill: (isLost) => Object.assign(own, { isDead: true, isLost }) }
}

/** Lets so many requests go on, one after the other, chosen by the seed; or all, until none waits. */
export async function run(random: () => number, steps = Number.POSITIVE_INFINITY): Promise<void> {
  for (let step = 0; step < steps; step += 1) {
    // By then, whatever needs no request has gone on.
    await new Promise((resolve) => setImmediate(resolve))
    const [goOn] = turns.splice(Math.floor(random() * turns.length), 1)
    if (!goOn) return
    clock.nowMs += 1
    goOn()
  }
}

async function whenItsTurnComes<T>(effect: () => T): Promise<T> {
  await nextTurn()
  const own = atWork.getStore()
  if (own?.isLost) await new Promise(() => {})
  const result = effect()
  await waitForTurn()
  return result
}

const headOf = ({ body, lastModified }: Stored): ObjectHead => ({
  size: body.length,
  etag: 'e',
  contentType: 'application/octet-stream',
  lastModified,
})

function listed(prefix: string, startAfter = ''): ListedObject[] {
  return keysBelow(prefix)
    .filter((key) => key > startAfter)
    .map((key) => {
      const { body, lastModified } = objects.get(key) as Stored
      return { key, size: body.length, lastModified }
    })
}

interface ListOptions {
  token?: string
  startAfter?: string
}

// The exports of lib/s3/objects.

export class ObjectTooLarge extends Error {}

export class ObjectsNotDeleted extends Error {}

export const putObject = (_bucket: unknown, key: string, body: Uint8Array | string) =>
  whenItsTurnComes(() => place(key, body))

export const headObject = (_bucket: unknown, key: string): Promise<ObjectHead | null> =>
  whenItsTurnComes(() => {
    const object = objects.get(key)
    return object ? headOf(object) : null
  })

export const getObject = (_bucket: unknown, key: string) =>
  whenItsTurnComes(() => {
    const object = objects.get(key)
    return object ? { ...headOf(object), bytes: object.body } : null
  })

export const copyObject = (_bucket: unknown, from: string, to: string): Promise<string | null> =>
  whenItsTurnComes(() => {
    const source = objects.get(from)
    if (!source) return null
    place(to, source.body)
    return 'e'
  })

export const deleteObjects = (_bucket: unknown, keys: string[]) =>
  whenItsTurnComes(() => {
    for (const key of keys) objects.delete(key)
  })

export const listAllObjects = (_bucket: unknown, prefix: string, { startAfter }: ListOptions = {}) =>
  whenItsTurnComes(() => listed(prefix, startAfter))

/** Keys themselves serve as tokens. */
export const listObjects = (
  _bucket: unknown,
  prefix: string,
  limit: number,
  { token, startAfter }: ListOptions = {},
): Promise<ListedPage> =>
  whenItsTurnComes(() => {
    const all = listed(prefix, token ?? startAfter)
    const page = all.slice(0, limit)
    return { objects: page, nextToken: all.length > limit ? (page.at(-1)?.key ?? null) : null }
  })

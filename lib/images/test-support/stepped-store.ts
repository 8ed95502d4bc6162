import { AsyncLocalStorage } from 'node:async_hooks'
import type { ListedObject, ListedPage, ObjectHead } from '@/lib/s3/objects'

/**
 * An in-memory replacement of `lib/s3/objects` that answers in any order. A seed chooses which request proceeds next
 * and which process dies, so tests try thousands of interleavings where a real store shows a few. A request takes
 * effect in one turn, and its answer arrives in a later turn.
 */

interface Stored {
  body: Uint8Array
  lastModified: Date
}

interface Process {
  isDead: boolean
  /** Whether its pending requests are lost when it dies. */
  isLost: boolean
}

const atWork = new AsyncLocalStorage<Process>()

/** The stored objects by key. */
export const objects = new Map<string, Stored>()
/** The store's clock in milliseconds. */
export const clock = { nowMs: 0, now: () => clock.nowMs }
let turns: (() => void)[] = []

/** Empties the store and forgets all processes. */
export function reset(): void {
  objects.clear()
  turns = []
  clock.nowMs = 1_800_000_000_000
}

/** Writes an object immediately. */
export function place(key: string, body: Uint8Array | string = ''): void {
  objects.set(key, { body: Buffer.from(body), lastModified: new Date(clock.nowMs) })
}

/** Returns all keys below a prefix in order. */
export function keysBelow(prefix: string): string[] {
  return [...objects.keys()].filter((key) => key.startsWith(prefix)).toSorted()
}

/** Waits for a turn. Never resolves if the process is dead by then. */
export async function waitForTurn(): Promise<void> {
  await nextTurn()
  if (atWork.getStore()?.isDead) await new Promise(() => {})
}

const nextTurn = () => new Promise<void>((resolve) => turns.push(resolve))

/** Work that runs in its own process. */
export interface Running<T> {
  /** Never resolves if the process is killed first. */
  ended: Promise<T>
  /** @param isLost whether its pending requests are lost; else they take effect later */
  kill: (isLost: boolean) => void
}

/** Starts work in its own process. */
export function begin<T>(work: () => Promise<T>): Running<T> {
  const own: Process = { isDead: false, isLost: false }
  return { ended: atWork.run(own, work), kill: (isLost) => Object.assign(own, { isDead: true, isLost }) }
}

/** Lets waiting requests proceed one after the other, in the seed's order: `steps` of them, or all until none waits. */
export async function run(random: () => number, steps = Number.POSITIVE_INFINITY): Promise<void> {
  for (let step = 0; step < steps; step += 1) {
    // Everything that needs no request runs before this resolves.
    await new Promise((resolve) => setImmediate(resolve))
    const [proceed] = turns.splice(Math.floor(random() * turns.length), 1)
    if (!proceed) return
    clock.nowMs += 1
    proceed()
  }
}

async function inTurn<T>(effect: () => T): Promise<T> {
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

// The exports that lib/s3/objects has too.

export class ObjectTooLarge extends Error {}

export class ObjectsNotDeleted extends Error {}

export const putObject = (_bucket: unknown, key: string, body: Uint8Array | string) => inTurn(() => place(key, body))

export const headObject = (_bucket: unknown, key: string): Promise<ObjectHead | null> =>
  inTurn(() => {
    const object = objects.get(key)
    return object ? headOf(object) : null
  })

export const getObject = (_bucket: unknown, key: string) =>
  inTurn(() => {
    const object = objects.get(key)
    return object ? { ...headOf(object), bytes: object.body } : null
  })

export const copyObject = (_bucket: unknown, from: string, to: string): Promise<string | null> =>
  inTurn(() => {
    const source = objects.get(from)
    if (!source) return null
    place(to, source.body)
    return 'e'
  })

export const deleteObjects = (_bucket: unknown, keys: string[]) =>
  inTurn(() => {
    for (const key of keys) objects.delete(key)
  })

export const listAllObjects = (_bucket: unknown, prefix: string, { startAfter }: ListOptions = {}) =>
  inTurn(() => listed(prefix, startAfter))

/** Uses keys as continuation tokens. */
export const listObjects = (
  _bucket: unknown,
  prefix: string,
  limit: number,
  { token, startAfter }: ListOptions = {},
): Promise<ListedPage> =>
  inTurn(() => {
    const all = listed(prefix, token ?? startAfter)
    const page = all.slice(0, limit)
    return { objects: page, nextToken: all.length > limit ? (page.at(-1)?.key ?? null) : null }
  })

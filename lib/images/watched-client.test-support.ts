import type { S3Client } from '@aws-sdk/client-s3'

/** What a host's client asks of the store, watched, and broken in on: at a request, never at a time. */

export class Killed extends Error {
  override name = 'Killed'
}

/** One request of a host to the store. */
export interface SentRequest {
  command: string
  /** Of a deletion, all keys. */
  keys: string[]
}

/** Called around every request; a host that is held up here is a slow one. */
interface Hooks {
  before?: (request: SentRequest) => Promise<void>
  after?: (request: SentRequest) => Promise<void>
}

const writing = new Set(['PutObject', 'CopyObject', 'DeleteObject', 'DeleteObjects'])

const isWrite = ({ command }: SentRequest) => writing.has(command)

/** Counts what a host asks of the store, and lets a test break in. */
export function watchRequests(client: S3Client) {
  const sent: SentRequest[] = []
  const wire = { requests: 0 }
  const hooks: Hooks = {}
  let writes = 0
  let lastWrite = Number.POSITIVE_INFINITY
  /** Whether it lives to hear of its last write. */
  let hearsOfLast = true
  let isDead = false
  /** What has left for the store: it is done, even if the host dies meanwhile. */
  const onTheWire = new Set<Promise<unknown>>()

  const die = async (): Promise<never> => {
    isDead = true
    await Promise.allSettled(onTheWire)
    throw new Killed()
  }

  client.middlewareStack.add(
    (next, { commandName = '' }) =>
      async (args) => {
        if (isDead) return die()
        const input = args.input as { Key?: string; Prefix?: string; Delete?: { Objects: { Key: string }[] } }
        const keys = input.Delete?.Objects.map(({ Key }) => Key) ?? [input.Key ?? input.Prefix ?? '']
        const request = { command: commandName.replace('Command', ''), keys }
        let isLast = false
        if (isWrite(request)) {
          if (writes >= lastWrite) return die()
          writes += 1
          isLast = writes === lastWrite && !hearsOfLast
        }
        sent.push(request)
        if (hooks.before) {
          await hooks.before(request)
          if (isDead) return die()
        }
        const answering = next(args)
        onTheWire.add(answering)
        const answer = await answering.finally(() => onTheWire.delete(answering))
        if (isLast || isDead) return die()
        await hooks.after?.(request)
        return answer
      },
    { step: 'initialize', name: 'watchRequests' },
  )
  client.middlewareStack.add(
    (next) => async (args) => {
      wire.requests += 1
      return next(args)
    },
    { step: 'deserialize', name: 'countRequests' },
  )
  return {
    hooks,
    sent,
    /** Every try counts here. */
    wire,
    written: () => sent.filter(isWrite),
    /** The host writes so many times more, and then never asks for anything again. */
    killAfterWrites: (count: number) => {
      lastWrite = writes + count
      hearsOfLast = true
    },
    /** The host is dead before it hears of its write of that number from now on, 1 or more, which is done. */
    killBeforeAnswer: (count: number) => {
      lastWrite = writes + count
      hearsOfLast = false
    },
    isDead: () => isDead,
    /** Comes up again, as it was. */
    restart: () => {
      isDead = false
      lastWrite = Number.POSITIVE_INFINITY
      delete hooks.before
      delete hooks.after
    },
  }
}

/** Takes the conditions off all requests of a client: it talks to a store that does not know them. */
export function dropConditions(client: S3Client): void {
  client.middlewareStack.add(
    (next) => (args) => {
      const conditions = ['IfMatch', 'IfNoneMatch', 'CopySourceIfMatch', 'CopySourceIfNoneMatch']
      const input = Object.fromEntries(Object.entries(args.input).filter(([name]) => !conditions.includes(name)))
      return next({ ...args, input } as typeof args)
    },
    { step: 'initialize', name: 'dropConditions' },
  )
}

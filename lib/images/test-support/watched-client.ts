import type { S3Client } from '@aws-sdk/client-s3'

/** Watches and interrupts the requests of a host to the store: at a request, never at a time. */

export class Killed extends Error {
  override name = 'Killed'
}

/** One request of a host to the store. */
export interface SentRequest {
  command: string
  /** All keys of a deletion; the prefix of a listing; else the one key. */
  keys: string[]
  /** Names of the conditions that the request has, such as `IfMatch`. */
  conditions: string[]
}

const conditionNames = ['IfMatch', 'IfNoneMatch', 'CopySourceIfMatch', 'CopySourceIfNoneMatch']

/** Called around every request. A hook that waits makes a slow host; one that throws makes a failing store. */
interface Hooks {
  before?: (request: SentRequest) => Promise<void>
  after?: (request: SentRequest) => Promise<void>
}

function describeRequest(commandName: string, given: object): SentRequest {
  const input = given as { Key?: string; Prefix?: string; Delete?: { Objects: { Key: string }[] } }
  const keys = input.Delete?.Objects.map(({ Key }) => Key) ?? [input.Key ?? input.Prefix ?? '']
  const conditions = conditionNames.filter((name) => (given as Record<string, unknown>)[name] !== undefined)
  return { command: commandName.replace('Command', ''), keys, conditions }
}

const writing = new Set(['PutObject', 'CopyObject', 'DeleteObject', 'DeleteObjects'])

const isWrite = ({ command }: SentRequest) => writing.has(command)

/** Records the requests of a host and lets a test interrupt them. */
export function watchRequests(client: S3Client) {
  const sent: SentRequest[] = []
  const wire = { requests: 0 }
  const hooks: Hooks = {}
  let writes = 0
  let lastWrite = Number.POSITIVE_INFINITY
  /** Whether the host gets the answer of its last write. */
  let hearsOfLast = true
  let isDead = false
  /** Requests that have left for the store. They take effect even if the host dies meanwhile. */
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
        const request = describeRequest(commandName, args.input)
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
    /** Counts every attempt, retries of the SDK included. */
    wire,
    written: () => sent.filter(isWrite),
    /** The host makes this many more writes, and then no request at all. */
    killAfterWrites: (count: number) => {
      lastWrite = writes + count
      hearsOfLast = true
    },
    /** The host dies before it gets the answer of its write of this number from now on, 1 or more. It takes effect. */
    killBeforeAnswer: (count: number) => {
      lastWrite = writes + count
      hearsOfLast = false
    },
    isDead: () => isDead,
    /** Brings the host up again. */
    restart: () => {
      isDead = false
      lastWrite = Number.POSITIVE_INFINITY
      delete hooks.before
      delete hooks.after
    },
  }
}

/** Removes the conditions from all requests of a client: its store then behaves like one that ignores them. */
export function dropConditions(client: S3Client): void {
  client.middlewareStack.add(
    (next) => (args) => {
      const input = Object.fromEntries(Object.entries(args.input).filter(([name]) => !conditionNames.includes(name)))
      return next({ ...args, input } as typeof args)
    },
    { step: 'initialize', name: 'dropConditions' },
  )
}

/**
 * Makes random what all answers of a client say about when objects were written. Tombstones keep their time: their age is
 * the one thing that an object's time may decide (model.md, rule 1).
 */
export function randomiseDates(client: S3Client): void {
  const randomise = (dated: { Key?: string; LastModified?: Date }) => {
    if (dated.LastModified && !dated.Key?.includes('/!deleted.')) dated.LastModified = new Date(Math.random() * 4e12)
  }
  client.middlewareStack.add(
    (next) => async (args) => {
      const answer = await next(args)
      const output = answer.output as { LastModified?: Date; Contents?: { Key?: string; LastModified?: Date }[] }
      randomise(output)
      output.Contents?.forEach(randomise)
      return answer
    },
    { step: 'initialize', name: 'randomiseDates' },
  )
}

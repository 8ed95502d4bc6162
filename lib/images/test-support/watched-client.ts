import type { S3Client } from '@aws-sdk/client-s3'

/** Records and interrupts a host's requests to the store, always at a request and never at a time. */

export class Killed extends Error {
  override name = 'Killed'
}

/** A request of a host to the store. */
export interface SentRequest {
  command: string
  /** All keys of a deletion, the prefix of a listing, else one key. */
  keys: string[]
  /** Names of the request's conditions, such as `IfMatch`. */
  conditions: string[]
}

const conditionNames = ['IfMatch', 'IfNoneMatch', 'CopySourceIfMatch', 'CopySourceIfNoneMatch']

/** Called around every request. A hook that waits simulates a slow host; one that throws, a failing store. */
interface Hooks {
  before?: (request: SentRequest) => Promise<void>
  after?: (request: SentRequest) => Promise<void>
}

function describeRequest(commandName: string, args: object): SentRequest {
  const input = args as { Key?: string; Prefix?: string; Delete?: { Objects: { Key: string }[] } }
  const keys = input.Delete?.Objects.map(({ Key }) => Key) ?? [input.Key ?? input.Prefix ?? '']
  const conditions = conditionNames.filter((name) => (args as Record<string, unknown>)[name] !== undefined)
  return { command: commandName.replace('Command', ''), keys, conditions }
}

const writeCommands = new Set(['PutObject', 'CopyObject', 'DeleteObject', 'DeleteObjects'])

const isWrite = ({ command }: SentRequest) => writeCommands.has(command)

/** Records the requests of a host and lets a test interrupt them. */
export function watchRequests(client: S3Client) {
  const sent: SentRequest[] = []
  const wire = { requests: 0 }
  const hooks: Hooks = {}
  let writes = 0
  let lastWrite = Number.POSITIVE_INFINITY
  /** Whether the host gets the answer of its last write. */
  let getsLastAnswer = true
  let isDead = false
  /** Requests sent to the store. They take effect even if the host dies before the answer. */
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
          isLast = writes === lastWrite && !getsLastAnswer
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
    /** Counts every attempt, including retries of the SDK. */
    wire,
    written: () => sent.filter(isWrite),
    /** Kills the host after this many more writes: it sends no further request. */
    killAfterWrites: (count: number) => {
      lastWrite = writes + count
      getsLastAnswer = true
    },
    /** Kills the host before the answer of its next write number `count`, 1 or more. That write takes effect. */
    killBeforeAnswer: (count: number) => {
      lastWrite = writes + count
      getsLastAnswer = false
    },
    isDead: () => isDead,
    /** Starts the host again and removes its hooks. */
    restart: () => {
      isDead = false
      lastWrite = Number.POSITIVE_INFINITY
      delete hooks.before
      delete hooks.after
    },
  }
}

/** Removes the conditions from all requests of a client, to simulate a store that ignores them. */
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
 * Makes LastModified random in all answers of a client, except for tombstones: only their age depends on it (rule 1).
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

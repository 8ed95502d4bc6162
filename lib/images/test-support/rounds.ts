import { Readable } from 'node:stream'
import type { S3Client } from '@aws-sdk/client-s3'
import sharp from 'sharp'

/**
 * Counts the requests of a step and the length of its longest sequential chain of requests.
 *
 * The client holds every request. When the step cannot continue without an answer, the client sends all held requests
 * together: one round. The number of rounds is the length of the longest chain, on any network and machine.
 */
export function countRounds(client: S3Client) {
  let isCounting = false
  let held: (() => void)[] = []
  let onTheWire = 0
  const requests: string[] = []

  client.middlewareStack.add(
    (next, { commandName = '' }) =>
      async (args) => {
        if (!isCounting) return next(args)
        requests.push(commandName.replace('Command', ''))
        await new Promise<void>((send) => held.push(send))
        onTheWire += 1
        try {
          const answer = await next(args)
          await readBody(answer.output)
          return answer
        } finally {
          onTheWire -= 1
        }
      },
    { step: 'initialize', name: 'countRounds' },
  )

  /** Runs a step. @returns its result, requests and rounds */
  return async <T>(step: () => Promise<T>): Promise<{ value: T; requests: string[]; rounds: number }> => {
    isCounting = true
    requests.length = 0
    let rounds = 0
    let isDone = false
    const running = step().finally(() => {
      isDone = true
    })
    // The last line of this function throws a failure.
    running.catch(() => {})
    while (!isDone) {
      await settle(() => isDone || onTheWire > 0)
      if (isDone || onTheWire > 0 || held.length === 0) continue
      rounds += 1
      for (const send of held.splice(0)) send()
      held = []
    }
    isCounting = false
    return { value: await running, requests: [...requests], rounds }
  }
}

/** Turns of the event loop after which a step without new requests is waiting for an answer. */
const turns = 50

/** Waits until the step has run everything that needs no answer: promises, immediates, and image processing. */
async function settle(isOver: () => boolean): Promise<void> {
  for (let turn = 0; turn < turns; turn += 1) {
    await new Promise((resolve) => setImmediate(resolve))
    if (isOver()) return
    const { queue, process } = sharp.counters()
    if (queue + process > 0) turn = 0
  }
}

/** Reads the whole body, because an answer is complete only then. */
async function readBody(output: object): Promise<void> {
  const answer = output as { Body?: unknown }
  if (!(answer.Body instanceof Readable)) return
  const chunks: Buffer[] = []
  for await (const chunk of answer.Body) chunks.push(chunk)
  answer.Body = Readable.from([Buffer.concat(chunks)], { objectMode: false })
}

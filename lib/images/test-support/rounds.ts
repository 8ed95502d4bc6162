import { Readable } from 'node:stream'
import type { S3Client } from '@aws-sdk/client-s3'
import sharp from 'sharp'

/**
 * Counts the requests of a step, and the longest chain of requests of which each waits for the one before.
 *
 * The client holds every request. Once the step can do nothing more without an answer, all requests that wait are let go
 * together: a round. The number of rounds is the length of the longest chain, on any network and any machine.
 */
export function countRounds(client: S3Client) {
  let isCounting = false
  let waiting: (() => void)[] = []
  let onTheWire = 0
  const requests: string[] = []

  client.middlewareStack.add(
    (next, { commandName = '' }) =>
      async (args) => {
        if (!isCounting) return next(args)
        requests.push(commandName.replace('Command', ''))
        await new Promise<void>((letGo) => waiting.push(letGo))
        onTheWire += 1
        try {
          const answer = await next(args)
          await readWhole(answer.output)
          return answer
        } finally {
          onTheWire -= 1
        }
      },
    { step: 'initialize', name: 'countRounds' },
  )

  /** Runs a step. @returns what it answers, its requests, and its rounds */
  return async <T>(step: () => Promise<T>): Promise<{ value: T; requests: string[]; rounds: number }> => {
    isCounting = true
    requests.length = 0
    let rounds = 0
    let isDone = false
    const running = step().finally(() => {
      isDone = true
    })
    // A failure is thrown below.
    running.catch(() => {})
    while (!isDone) {
      await settle(() => isDone || onTheWire > 0)
      if (isDone || onTheWire > 0 || waiting.length === 0) continue
      rounds += 1
      for (const letGo of waiting.splice(0)) letGo()
      waiting = []
    }
    isCounting = false
    return { value: await running, requests: [...requests], rounds }
  }
}

/** Turns of the event loop in which a step that needs no answer goes on. */
const turns = 50

/** Waits until everything that needs no request has run: promises, immediates, and drawing. */
async function settle(isOver: () => boolean): Promise<void> {
  for (let turn = 0; turn < turns; turn += 1) {
    await new Promise((resolve) => setImmediate(resolve))
    if (isOver()) return
    const { queue, process } = sharp.counters()
    if (queue + process > 0) turn = 0
  }
}

/** Reads a body to its end: an answer has come only then. */
async function readWhole(output: object): Promise<void> {
  const answer = output as { Body?: unknown }
  if (!(answer.Body instanceof Readable)) return
  const chunks: Buffer[] = []
  for await (const chunk of answer.Body) chunks.push(chunk)
  answer.Body = Readable.from([Buffer.concat(chunks)], { objectMode: false })
}

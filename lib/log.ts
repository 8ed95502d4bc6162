import 'server-only'
import pino from 'pino'
import { env } from './env'

let logger: pino.Logger | undefined

/**
 * This host's log: JSON lines on standard output. Objects logged bear ids and codes only, never a policy,
 * presigned URL, token, cookie or e-mail (security S35); presigned URLs inside error texts lose their query.
 */
export function log(): pino.Logger {
  logger ??= pino(
    {
      base: { host: env().hostName },
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: { err: describeError },
    },
    openOutput(),
  )
  return logger
}

/**
 * Standard output; a reader that stalls or is gone does not hold the host up. pino's own way there waits at the end of
 * the process for such a reader, without end (sonic-boom 4.2, `flushSync`): the host cannot be ended but by SIGKILL.
 */
function openOutput(): pino.DestinationStream {
  const output = pino.destination({ sync: true, retryEAGAIN: () => false, maxLength: mostWaitingBytes })
  let isWaiting = false
  output.on('error', ({ code }: NodeJS.ErrnoException) => {
    if (code !== 'EAGAIN' || isWaiting) return
    isWaiting = true
    // What the reader was too slow for goes with the next line, or by itself after a while.
    const tryAgain = () => {
      isWaiting = false
      output.write('')
    }
    setTimeout(tryAgain, 100).unref()
  })
  return output
}

const mostWaitingBytes = 1024 * 1024

/** An error with its chain of causes, free of signatures. AWS errors keep their code and status. */
function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return { message: withoutQueries(String(error)) }
  const { name, stack, cause } = error
  const metadata =
    '$metadata' in error ? (error.$metadata as { httpStatusCode?: number; requestId?: string }) : undefined
  return {
    name,
    message: withoutQueries(error.message),
    stack: stack && withoutQueries(stack),
    ...(metadata && { status: metadata.httpStatusCode, storeRequestId: metadata.requestId }),
    ...(cause !== undefined && { cause: describeError(cause) }),
  }
}

function withoutQueries(text: string): string {
  return text.replace(/(https?:\/\/[^\s?"']+)\?[^\s"']*/g, '$1?…')
}

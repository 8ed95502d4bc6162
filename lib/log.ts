import 'server-only'
import pino from 'pino'
import { env } from './env'

let logger: pino.Logger | undefined

/**
 * Returns this host's log: JSON lines on standard output. Log ids and codes only, never a policy, presigned URL, token,
 * cookie or e-mail address (security S35). Presigned URLs in error messages lose their query.
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
 * Opens standard output so that a stalled or closed reader does not block the host. pino's default waits for such a
 * reader forever at exit (sonic-boom 4.2, `flushSync`), and only SIGKILL ends the process.
 */
function openOutput(): pino.DestinationStream {
  const output = pino.destination({ sync: true, retryEAGAIN: () => false, maxLength: maxBufferedBytes })
  let isWaiting = false
  output.on('error', ({ code }: NodeJS.ErrnoException) => {
    if (code !== 'EAGAIN' || isWaiting) return
    isWaiting = true
    // The next line flushes the buffer. Without one, this retry does.
    const retry = () => {
      isWaiting = false
      output.write('')
    }
    setTimeout(retry, 100).unref()
  })
  return output
}

const maxBufferedBytes = 1024 * 1024

/** Describes an error with its causes, without signatures. AWS errors keep their code and status. */
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

import 'server-only'
import pino from 'pino'
import { env } from './env'
import { type LogOutput, openLogOutput } from './log-output'

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
      serializers: { err: (error: unknown) => describeError(error) },
    },
    openOutput(),
  )
  return logger
}

function openOutput(): LogOutput {
  // Node makes the pipe of standard output non-blocking when it creates this stream.
  void process.stdout
  const output = openLogOutput(1, (dropped) =>
    log().warn({ dropped }, 'log lines were dropped while standard output was blocked'),
  )
  process.once('exit', output.flush)
  return output
}

/** The longest chain of causes in a line. A chain may be a circle. */
const maxCauses = 5

/**
 * Describes an error with its causes, without signatures. AWS errors keep their code and status. Errors of the store have
 * the failed request (lib/s3/send.ts).
 */
function describeError(error: unknown, causes = maxCauses): unknown {
  if (!(error instanceof Error)) return { message: withoutQueries(String(error)) }
  const { name, stack, cause } = error
  const metadata =
    '$metadata' in error ? (error.$metadata as { httpStatusCode?: number; requestId?: string }) : undefined
  return {
    name,
    message: withoutQueries(error.message),
    stack: stack && withoutQueries(stack),
    ...(metadata && { status: metadata.httpStatusCode, storeRequestId: metadata.requestId }),
    ...('storeRequest' in error && { storeRequest: error.storeRequest }),
    ...(cause !== undefined && causes > 0 && { cause: describeError(cause, causes - 1) }),
  }
}

function withoutQueries(text: string): string {
  return text.replace(/(https?:\/\/[^\s?"']+)\?[^\s"']*/g, '$1?…')
}

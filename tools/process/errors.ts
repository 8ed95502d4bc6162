/**
 * An error that the person at the terminal can fix. The message is one sentence for them: what happened and what to do.
 * Commands print it without a stack trace, below `output`: the last lines of the process that failed, or the usage text.
 */
export class UserError extends Error {
  override readonly name = 'UserError'

  constructor(
    sentence: string,
    readonly output = '',
    options?: ErrorOptions,
  ) {
    super(sentence, options)
  }
}

/** Returns the code of a failed system call (`EADDRINUSE`, `ENOENT`, …), or `undefined` for any other error. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

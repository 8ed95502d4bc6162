/**
 * A failure that a person can mend: the message is one sentence that says what went wrong and what to do,
 * and `output` is the last thing the process concerned had to say.
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

/** What a failed system call calls itself (`EADDRINUSE`, `ENOENT`, …), or `undefined` for any other error. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

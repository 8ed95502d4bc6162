import 'server-only'
import { writeSync } from 'node:fs'

/** Prints why this host cannot start, in plain text for the person who starts it. */
export function printReason(text: string): void {
  try {
    writeSync(2, `${text}\n`)
  } catch {
    // The disk is full or the pipe is closed. The exit code still tells.
  }
}

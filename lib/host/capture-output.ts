import 'server-only'
import { stripVTControlCharacters } from 'node:util'
import { log } from '@/lib/log'

/** The longest text of a line, in characters. */
const maxLength = 4096

/**
 * Turns all that Next and other packages print into lines of this host's log: output to standard output as information,
 * to standard error as errors, and Node's warnings. The log itself does not use these streams.
 */
export function captureOutput(): void {
  process.stdout.write = toLog('info')
  process.stderr.write = toLog('error')
  // Something printed before may still fail, and an unhandled error event would end the process (security S42).
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
  process.removeAllListeners('warning')
  process.on('warning', (warning) => log().warn({ err: warning }, 'Node warning'))
}

function toLog(level: 'info' | 'error'): typeof process.stdout.write {
  return (chunk: Uint8Array | string, ...rest: unknown[]) => {
    const text = describeOutput(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString())
    if (text) log()[level]({ source: 'next' }, text)
    const callback = rest.at(-1)
    if (typeof callback === 'function') process.nextTick(callback as () => void)
    return true
  }
}

/**
 * Returns printed text for a log line: bounded, without the parts of requests that can be secret (security S35), and with
 * control characters escaped. JSON escapes the others.
 */
export function describeOutput(printed: string): string {
  const text = stripVTControlCharacters(printed)
    .trim()
    .replace(/\?[^\s"'`]{2,}/g, '?…')
    .replace(/\b((?:set-)?cookie|authorization)\b.*/gi, '$1 …')
    .replace(/[\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g, (character) => {
      return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
    })
  return text.length > maxLength ? `${text.slice(0, maxLength)}…` : text
}

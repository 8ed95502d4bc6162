import { createWriteStream } from 'node:fs'
import pc from 'picocolors'
import type { Log } from './progress'

const warningLevel = 40
const errorLevel = 50

/** Takes what one process writes. */
export interface ProcessLog {
  onLine(line: string, from: 'stdout' | 'stderr'): void
  close(): void
}

/** Keeps all lines of a process in a file, begun anew, and shows those on the terminal that somebody should see. */
export function openProcessLog(options: { name: string; file: string; log: Log }): ProcessLog {
  const { name, file, log } = options
  const stream = createWriteStream(file, { mode: 0o600 })
  stream.on('error', (error) => log(`${name}: its log cannot be written: ${error.message}`))
  return {
    onLine(line, from) {
      // The last lines of a process may come after we are done with it.
      if (stream.writable) stream.write(`${line}\n`)
      const shown = worthShowing(line, from)
      if (shown !== null) log(`${pc.cyan(name)} ${shown}`)
    },
    close: () => stream.end(),
  }
}

/**
 * What the terminal shows of a line: a warning or an error of pino's JSON as a sentence, anything else on stderr as it
 * is, and nothing (`null`) of the rest.
 */
export function worthShowing(line: string, from: 'stdout' | 'stderr'): string | null {
  const entry = parseEntry(line)
  if (!entry) return from === 'stderr' && line.trim() !== '' ? line : null
  if (entry.level < warningLevel) return null
  const kind = entry.level < errorLevel ? pc.yellow('warning:') : pc.red('error:')
  return [kind, entry.message, entry.cause && `(${entry.cause})`].filter(Boolean).join(' ')
}

function parseEntry(line: string): { level: number; message: string; cause: string } | null {
  if (!line.startsWith('{')) return null
  try {
    const { level, msg, err } = JSON.parse(line)
    if (typeof level !== 'number') return null
    return { level, message: String(msg ?? ''), cause: String(err?.message ?? '') }
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}

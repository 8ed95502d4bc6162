import { createWriteStream } from 'node:fs'
import pc from 'picocolors'
import type { Log } from './progress'

const warningLevel = 40
const errorLevel = 50

/** Receives the output of one process. */
export interface ProcessLog {
  onLine(line: string, from: 'stdout' | 'stderr'): void
  close(): void
}

/** Writes all lines of a process to `file`, replacing its content, and passes warnings and errors to `log`. */
export function openProcessLog(options: { name: string; file: string; log: Log }): ProcessLog {
  const { name, file, log } = options
  const stream = createWriteStream(file, { mode: 0o600 })
  stream.on('error', (error) => log(`${name}: cannot write its log to ${file}: ${error.message}`))
  return {
    onLine(line, from) {
      // The last lines of a process can arrive after `close`.
      if (stream.writable) stream.write(`${line}\n`)
      const text = formatForTerminal(line, from)
      if (text !== null) log(`${pc.cyan(name)} ${text}`)
    },
    close: () => stream.end(),
  }
}

/**
 * Formats a line for the terminal: a warning or error of pino's JSON as a sentence, other text on stderr unchanged.
 * Returns `null` for every other line.
 */
export function formatForTerminal(line: string, from: 'stdout' | 'stderr'): string | null {
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

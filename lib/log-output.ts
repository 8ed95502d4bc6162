import 'server-only'
import { writeSync } from 'node:fs'

export interface LogOutput {
  /** Writes a line now, or keeps it while the output is blocked. Never waits and never throws. */
  write(line: string): void
  /** Tries once to write what is kept. */
  flush(): void
}

/** What the output may keep while it is blocked, in bytes. */
const maxKeptBytes = 1024 * 1024
/** Time between two tries while the output is blocked, in milliseconds. */
const retryMs = 20

/**
 * Opens a file descriptor for log lines. A full disk, a reader that pauses and a reader that is gone never stop the
 * process (security S42): the output keeps 1 MiB of lines, drops the lines after that, and retries by a timer. pino's
 * own destination waits in such cases, or loops forever at exit (sonic-boom 4.2, `flushSync`). The descriptor of a pipe
 * must be non-blocking.
 * @param onRecovery gets the number of dropped lines once the output works again
 */
export function openLogOutput(fd: number, onRecovery: (dropped: number) => void): LogOutput {
  const kept: Buffer[] = []
  let keptBytes = 0
  let dropped = 0
  let retry: NodeJS.Timeout | undefined

  /** Writes all that is kept, oldest first. @throws what the descriptor throws */
  function writeKept(): void {
    for (let line = kept[0]; line; line = kept[0]) {
      const written = writeSync(fd, line)
      keptBytes -= written
      if (written < line.length) kept[0] = line.subarray(written)
      else kept.shift()
    }
  }

  function flush(): void {
    clearTimeout(retry)
    retry = undefined
    try {
      writeKept()
    } catch {
      retry = setTimeout(flush, retryMs).unref()
      return
    }
    if (dropped === 0) return
    const count = dropped
    dropped = 0
    onRecovery(count)
  }

  return {
    flush,
    write(text) {
      const line = Buffer.from(text)
      if (keptBytes + line.length > maxKeptBytes) {
        dropped += 1
        return
      }
      kept.push(line)
      keptBytes += line.length
      if (!retry) flush()
    },
  }
}

import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { errorCode, UserError } from './errors'
import { projectDirectory } from './project'

const keptLines = 200
const usualGraceMilliseconds = 5_000
const isWindows = process.platform === 'win32'

/**
 * Loaded into children that do not watch their parent themselves: when the channel to it closes, because it was
 * killed so that it could end nobody, they end too. Forked grandchildren inherit it.
 */
export const endWithParent = [
  '--import',
  `data:text/javascript,${encodeURIComponent("process.once('disconnect', () => process.exit(1))")}`,
]

/** How a process ended: by an exit code, or by a signal. */
export interface Ending {
  code: number | null
  signal: NodeJS.Signals | null
}

/** What to start: a program with these arguments, with exactly this environment. */
interface ChildOptions {
  name: string
  /**
   * The program, without it this very Node. On Linux another program than Node ends when the thread that started it
   * does, even where we are killed so that we can end nobody.
   */
  command?: string
  args: string[]
  /** The folder it works in, without it the project's. */
  cwd?: string
  env: NodeJS.ProcessEnv
  /** How long it may take to end when it is asked to, where that is not the usual time of the set. */
  graceMilliseconds?: number
  /** Gets each line the child writes. Without it the child writes straight to our terminal. */
  onLine?: (line: string, from: 'stdout' | 'stderr') => void
  onMessage?: (message: unknown) => void
}

/** A process of ours, in a group of its own. */
export interface Child {
  name: string
  pid: number | undefined
  /** Resolves when the process is gone; never rejects. */
  ended: Promise<Ending>
  /** Its last lines, both streams together. */
  lastOutput(): Promise<string>
  kill(signal: NodeJS.Signals): void
  /** Asks it to end, insists after its grace, and resolves when it is gone. */
  end(): Promise<void>
}

/** The processes that live and die with us. */
export interface Children {
  start(options: ChildOptions): Child
  /** Ends all of them at once; none can be started afterwards. */
  end(): Promise<void>
}

/** Begins an empty set of children. One that is asked to end and has not within the grace is killed. */
export function createChildren(graceMilliseconds = usualGraceMilliseconds): Children {
  const running = new Set<Child>()
  let isEnding = false
  return {
    start(options) {
      if (isEnding) throw new UserError(`${options.name} was not started, because everything is ending.`)
      const child = startChild(options, graceMilliseconds)
      running.add(child)
      void child.ended.then(() => running.delete(child))
      return child
    },
    async end() {
      isEnding = true
      await Promise.all([...running].map((child) => child.end()))
    },
  }
}

/** Says in a word or two how a process ended. */
export function describeEnding({ code, signal }: Ending): string {
  return signal ?? `exit code ${code}`
}

function startChild(options: ChildOptions, usualGrace: number): Child {
  const { name, cwd = projectDirectory, env, graceMilliseconds = usualGrace, onLine, onMessage } = options
  const { command, args, hasChannel } = programOf(options)
  const output = onLine ? 'pipe' : 'inherit'
  const child = spawn(command, args, {
    cwd,
    env,
    stdio: ['ignore', output, output, ...(hasChannel ? ['ipc' as const] : [])],
    // A group of its own, so that Ctrl-C reaches us alone and we end everything in order.
    detached: !isWindows,
    windowsHide: true,
  })
  const lastLines: string[] = []
  const keep = (line: string, from: 'stdout' | 'stderr') => {
    lastLines.push(line)
    if (lastLines.length > keptLines) lastLines.shift()
    onLine?.(line, from)
  }
  readLines(child.stdout, (line) => keep(line, 'stdout'))
  readLines(child.stderr, (line) => keep(line, 'stderr'))
  if (onMessage) child.on('message', onMessage)

  const ended = new Promise<Ending>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }))
    child.on('error', (error) => {
      keep(error.message, 'stderr')
      // Without a pid it never began, so there will be no 'exit'.
      if (child.pid === undefined) resolve({ code: 1, signal: null })
    })
  })
  // The last lines come a moment after the exit; a grandchild that holds the pipe open must not hold us up.
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()))

  return {
    name,
    pid: child.pid,
    ended,
    async lastOutput() {
      await ended
      await Promise.race([closed, sleep(3_000)])
      return lastLines.join('\n')
    },
    kill: (signal) => killGroup(child, signal),
    async end() {
      child.kill('SIGTERM')
      const insist = setTimeout(() => killGroup(child, 'SIGKILL'), graceMilliseconds)
      await ended
      clearTimeout(insist)
    },
  }
}

function programOf({ command, args }: ChildOptions): { command: string; args: string[]; hasChannel: boolean } {
  if (!command) return { command: process.execPath, args, hasChannel: true }
  if (process.platform !== 'linux') return { command, args, hasChannel: false }
  // It cannot watch a channel as Node does, so the kernel watches for it. `setpriv` (util-linux) becomes the program.
  return { command: 'setpriv', args: ['--pdeathsig', 'KILL', '--', command, ...args], hasChannel: false }
}

function readLines(stream: Readable | null, onLine: (line: string) => void): void {
  if (stream) createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY }).on('line', onLine)
}

function killGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  if (isWindows) {
    child.kill(signal)
    return
  }
  try {
    process.kill(-child.pid, signal)
  } catch (error) {
    // It went away between the look and the signal.
    if (errorCode(error) !== 'ESRCH') throw error
  }
}

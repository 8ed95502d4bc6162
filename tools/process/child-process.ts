import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { errorCode, UserError } from './errors'
import { projectDirectory } from './project'

const maxOutputLines = 200
const defaultGraceMilliseconds = 5_000
const isWindows = process.platform === 'win32'

/**
 * Node arguments that end a child when its IPC channel closes. A parent that is killed with SIGKILL cannot end its
 * children; with these arguments they exit by themselves. Forked grandchildren inherit them.
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

/** A program to start, with exactly these arguments and this environment. */
interface ChildOptions {
  name: string
  /**
   * The program; by default the Node that runs this code. On Linux, any other program ends together with the thread
   * that started it, even if that is killed with SIGKILL.
   */
  command?: string
  args: string[]
  /** The working directory; by default the project's folder. */
  cwd?: string
  env: NodeJS.ProcessEnv
  /** How long the child may take to exit after SIGTERM. Overrides the default of the set. */
  graceMilliseconds?: number
  /** Receives each line of output. Without it, the child writes directly to this terminal. */
  onLine?: (line: string, from: 'stdout' | 'stderr') => void
  onMessage?: (message: unknown) => void
}

/** A child process in its own process group. */
export interface Child {
  name: string
  pid: number | undefined
  /** Resolves when the process has exited; never rejects. */
  ended: Promise<Ending>
  /** Resolves after the exit to the last 200 lines of stdout and stderr. */
  lastOutput(): Promise<string>
  kill(signal: NodeJS.Signals): void
  /** Sends SIGTERM, sends SIGKILL after the grace period, and resolves when the process has exited. */
  end(): Promise<void>
}

/** A set of child processes that end with this process. */
export interface Children {
  start(options: ChildOptions): Child
  /** Ends all children in parallel. No child can be started afterwards. */
  end(): Promise<void>
}

/** Creates an empty set of children. `graceMilliseconds` is the time between SIGTERM and SIGKILL. */
export function createChildren(graceMilliseconds = defaultGraceMilliseconds): Children {
  const running = new Set<Child>()
  let isEnding = false
  return {
    start(options) {
      if (isEnding) throw new UserError(`${options.name} was not started because the command is shutting down.`)
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

/** Describes how a process ended: `SIGKILL`, `exit code 1`. */
export function describeEnding({ code, signal }: Ending): string {
  return signal ?? `exit code ${code}`
}

function startChild(options: ChildOptions, defaultGrace: number): Child {
  const { name, cwd = projectDirectory, env, graceMilliseconds = defaultGrace, onLine, onMessage } = options
  const { command, args, hasChannel } = resolveProgram(options)
  const output = onLine ? 'pipe' : 'inherit'
  const child = spawn(command, args, {
    cwd,
    env,
    stdio: ['ignore', output, output, ...(hasChannel ? ['ipc' as const] : [])],
    // A process group of its own: Ctrl-C reaches only this process, which then ends its children in order.
    detached: !isWindows,
    windowsHide: true,
  })
  const lastLines: string[] = []
  const recordLine = (line: string, from: 'stdout' | 'stderr') => {
    lastLines.push(line)
    if (lastLines.length > maxOutputLines) lastLines.shift()
    onLine?.(line, from)
  }
  readLines(child.stdout, (line) => recordLine(line, 'stdout'))
  readLines(child.stderr, (line) => recordLine(line, 'stderr'))
  if (onMessage) child.on('message', onMessage)

  const ended = new Promise<Ending>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }))
    child.on('error', (error) => {
      recordLine(error.message, 'stderr')
      // Without a pid the process never started, so no 'exit' event follows.
      if (child.pid === undefined) resolve({ code: 1, signal: null })
    })
  })
  // The last lines arrive shortly after the exit. A grandchild can keep the pipe open, so `lastOutput` waits 3 s at most.
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
      const killTimer = setTimeout(() => killGroup(child, 'SIGKILL'), graceMilliseconds)
      await ended
      clearTimeout(killTimer)
    },
  }
}

function resolveProgram({ command, args }: ChildOptions): { command: string; args: string[]; hasChannel: boolean } {
  if (!command) return { command: process.execPath, args, hasChannel: true }
  if (process.platform !== 'linux') return { command, args, hasChannel: false }
  // Only Node can watch an IPC channel, so the kernel ends other programs. `setpriv` (util-linux) execs the program.
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
    // The process exited between the check and the signal.
    if (errorCode(error) !== 'ESRCH') throw error
  }
}

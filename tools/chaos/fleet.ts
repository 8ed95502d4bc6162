import { setTimeout as sleep } from 'node:timers/promises'
import { type Child, type Children, describeEnding } from '@/tools/process/child-process'
import { UserError } from '@/tools/process/errors'
import { isLive } from '@/tools/process/probes'
import { type StandaloneBuild, startHost } from '@/tools/stack/standalone-build'

/**
 * A host on its own port, with one process after another. Like a supervisor, restarts a process that exits, as it does
 * when its self-check of the store fails.
 */
export class FleetHost {
  /** The build of its next process. */
  artefact: StandaloneBuild
  #child: Child | undefined
  #isWanted = false
  #isFree = true

  constructor(
    readonly name: string,
    readonly port: number,
    artefact: StandaloneBuild,
    private readonly launch: (host: FleetHost) => Child,
    private readonly onExit: (name: string, how: string) => void,
  ) {
    this.artefact = artefact
  }

  /** Whether the host runs without another action on it. */
  get isFree(): boolean {
    return this.#isFree
  }

  /** Runs one action at a time. The host must run again at its end. */
  async alone(work: () => Promise<void>): Promise<void> {
    if (!this.#isFree) throw new Error(`${this.name} is not free`)
    this.#isFree = false
    try {
      await work()
    } finally {
      this.#isFree = true
    }
  }

  /** Starts a process and waits for its first response. Throws a UserError with its last output after a minute. */
  async start(): Promise<void> {
    this.#isWanted = true
    this.#begin()
    const deadline = Date.now() + liveWithinMs
    while (!(await isLive(this.port))) {
      if (Date.now() > deadline) {
        const child = await this.#end((one) => one.kill('SIGKILL'))
        throw new UserError(`${this.name} did not start. Its output:`, await child?.lastOutput())
      }
      await sleep(50)
    }
  }

  #begin(): void {
    const child = this.launch(this)
    this.#child = child
    void child.ended.then(async (ending) => {
      if (!this.#isWanted || this.#child !== child) return
      this.onExit(this.name, describeEnding(ending))
      await sleep(restartAfterMs)
      if (this.#isWanted && this.#child === child) this.#begin()
    })
  }

  /** Kills the process, like a crash or the kernel's out-of-memory killer. */
  async kill(): Promise<void> {
    await this.#end((child) => child.kill('SIGKILL'))
  }

  /** Ends the process as a deployment does: SIGTERM, and time to finish its requests. */
  async drain(): Promise<void> {
    await this.#end((child) => child.end())
  }

  async #end(end: (child: Child) => unknown): Promise<Child | undefined> {
    this.#isWanted = false
    const child = this.#child
    if (!child) return undefined
    await end(child)
    await child.ended
    return child
  }

  /** Freezes the process with all connections open, like a machine that swaps or migrates. */
  freeze(): void {
    this.#child?.kill('SIGSTOP')
  }

  thaw(): void {
    this.#child?.kill('SIGCONT')
  }
}

const liveWithinMs = 60_000
const restartAfterMs = 1_000

/** Creates hosts, not started yet. @param env of every host */
export function createFleet(options: {
  children: Children
  ports: number[]
  artefact: StandaloneBuild
  env: NodeJS.ProcessEnv
  onLine: (name: string, line: string) => void
  onExit: (name: string, how: string) => void
}): FleetHost[] {
  const { children, ports, artefact, env, onLine, onExit } = options
  return ports.map((port, index) => {
    const name = `host-${index + 1}`
    const launch = (host: FleetHost) =>
      startHost(children, {
        name,
        port,
        directory: host.artefact.directory,
        env,
        onLine: (line) => onLine(name, line),
      })
    return new FleetHost(name, port, artefact, launch, onExit)
  })
}

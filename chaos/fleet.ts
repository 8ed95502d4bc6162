import { setTimeout as sleep } from 'node:timers/promises'
import { type Artefact, startHost } from '@/dev/artefact'
import { type Child, type Children, describeEnding } from '@/dev/child-process'
import { StackFailure } from '@/dev/failure'
import { isLive } from '@/dev/probes'

/**
 * A host on a port of its own, whose processes come and go. One that ends by itself, as it does when it tries out its
 * store at a bad moment and finds that it cannot work, is started again, as whatever supervises hosts does.
 */
export class FleetHost {
  /** What its next process serves. */
  artefact: Artefact
  #child: Child | undefined
  #isWanted = false
  #isFree = true

  constructor(
    readonly name: string,
    readonly port: number,
    artefact: Artefact,
    private readonly launch: (host: FleetHost) => Child,
    private readonly onEndedByItself: (name: string, how: string) => void,
  ) {
    this.artefact = artefact
  }

  /** Whether it runs, and nobody is doing anything to it. */
  get isFree(): boolean {
    return this.#isFree
  }

  /** Does something to it that nothing else comes between. It has to run again at the end. */
  async alone(work: () => Promise<void>): Promise<void> {
    if (!this.#isFree) throw new Error(`${this.name} is not free`)
    this.#isFree = false
    try {
      await work()
    } finally {
      this.#isFree = true
    }
  }

  /** Starts a process, and waits until it answers. Throws a StackFailure with the last words of one that does not. */
  async start(): Promise<void> {
    this.#isWanted = true
    this.#begin()
    const giveUpAt = Date.now() + liveWithinMs
    while (!(await isLive(this.port))) {
      if (Date.now() > giveUpAt) {
        const child = await this.#end((one) => one.kill('SIGKILL'))
        throw new StackFailure(`${this.name} did not come up: what it said stands below.`, await child?.lastOutput())
      }
      await sleep(50)
    }
  }

  #begin(): void {
    const child = this.launch(this)
    this.#child = child
    void child.ended.then(async (ending) => {
      if (!this.#isWanted || this.#child !== child) return
      this.onEndedByItself(this.name, describeEnding(ending))
      await sleep(restartAfterMs)
      if (this.#isWanted && this.#child === child) this.#begin()
    })
  }

  /** As a crash would, or the kernel when memory is short. */
  async kill(): Promise<void> {
    await this.#end((child) => child.kill('SIGKILL'))
  }

  /** As a deployment ends it: SIGTERM, and time to finish what it has begun. */
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

  /** It stands still, with all connections open, as a machine does that swaps or is moved. */
  freeze(): void {
    this.#child?.kill('SIGSTOP')
  }

  thaw(): void {
    this.#child?.kill('SIGCONT')
  }
}

const liveWithinMs = 60_000
const restartAfterMs = 1_000

/** Hosts, not started yet. @param env of every host */
export function createFleet(options: {
  children: Children
  ports: number[]
  artefact: Artefact
  env: NodeJS.ProcessEnv
  onLine: (name: string, line: string) => void
  onEndedByItself: (name: string, how: string) => void
}): FleetHost[] {
  const { children, ports, artefact, env, onLine, onEndedByItself } = options
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
    return new FleetHost(name, port, artefact, launch, onEndedByItself)
  })
}

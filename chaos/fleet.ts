import { setTimeout as sleep } from 'node:timers/promises'
import { type Artefact, startHost } from '@/dev/artefact'
import type { Child, Children } from '@/dev/child-process'
import { StackFailure } from '@/dev/failure'
import { isLive } from '@/dev/livez'

/** A host on a port of its own, whose processes come and go. */
export class FleetHost {
  /** What its next process serves. */
  artefact: Artefact
  #child: Child | undefined
  #isFree = true

  constructor(
    readonly name: string,
    readonly port: number,
    artefact: Artefact,
    private readonly launch: (host: FleetHost) => Child,
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

  /** Starts a process, and waits until it answers. Throws a StackFailure with its last words when it does not. */
  async start(): Promise<void> {
    const child = this.launch(this)
    this.#child = child
    let isGone = false
    void child.ended.then(() => {
      isGone = true
    })
    const giveUpAt = Date.now() + liveWithinMs
    while (!(await isLive(this.port))) {
      if (isGone || Date.now() > giveUpAt) {
        if (!isGone) child.kill('SIGKILL')
        throw new StackFailure(`${this.name} did not come up: what it said stands below.`, await child.lastOutput())
      }
      await sleep(50)
    }
  }

  /** As a crash would, or the kernel when memory is short. */
  async kill(): Promise<void> {
    this.#child?.kill('SIGKILL')
    await this.#child?.ended
  }

  /** It stands still, with all connections open, as a machine does that swaps or is moved. */
  freeze(): void {
    this.#child?.kill('SIGSTOP')
  }

  thaw(): void {
    this.#child?.kill('SIGCONT')
  }

  /** As a deployment ends it: SIGTERM, and time to finish what it has begun. */
  async drain(): Promise<void> {
    await this.#child?.end()
  }
}

const liveWithinMs = 60_000

/** Hosts, not started yet. @param env of every host */
export function createFleet(options: {
  children: Children
  ports: number[]
  artefact: Artefact
  env: NodeJS.ProcessEnv
  onLine: (name: string, line: string) => void
}): FleetHost[] {
  const { children, ports, artefact, env, onLine } = options
  return ports.map((port, index) => {
    const name = `host-${index + 1}`
    return new FleetHost(name, port, artefact, (host) =>
      startHost(children, {
        name,
        port,
        directory: host.artefact.directory,
        env,
        onLine: (line) => onLine(name, line),
      }),
    )
  })
}

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Children, describeEnding } from '@/tools/process/child-process'
import { UserError } from '@/tools/process/errors'
import { projectDirectory } from '@/tools/process/project'
import { type Environment, inheritedEnvironment } from '@/tools/stack/host-environment'
import { loopbackHosts } from '@/tools/testing/ports'
import { type HostStates, readHostStates, readWorkerPid } from './admin-socket'
import { assertHaproxyInstalled, pathWithSystemPrograms } from './haproxy-package'

/** What a deployer copies. */
export const configFile = join(projectDirectory, 'deploy/haproxy.cfg')
/** As many as the configuration has names for. */
const maxHosts = 6
const withinMilliseconds = 60_000
const pollMilliseconds = 50

/** HAProxy, running as a process of ours, on the loopback addresses. It ends by itself when we do. */
export interface RunningHaproxy {
  port: number
  pid: number | undefined
  /** What its health checks say of the hosts, by name. */
  hostStates(): Promise<HostStates>
  /** Resolves when the host is in the rotation. Throws a UserError when it is not within a minute. */
  whenUp(hostName: string): Promise<void>
  /** Reads the configuration again, as `systemctl reload` does, and resolves when the new process serves. */
  reload(): Promise<void>
  /** Resolves to how it ended. */
  ended: Promise<string>
  close(): Promise<void>
}

/**
 * Starts HAProxy with deploy/haproxy.cfg, that very file, in front of hosts on 127.0.0.1, and resolves when it listens and
 * has asked each host for its health. Throws a UserError that says which command installs it where it is missing, or
 * with its last words.
 */
export async function startHaproxy(options: {
  port: number
  hosts: readonly { name: string; port: number }[]
  /** Variables of the configuration, over those of this process: limits, for example. */
  env?: Environment
  children: Children
  /** Gets each line that it writes: of requests as JSON, of hosts that come and go as text. */
  onLine: (line: string, from: 'stdout' | 'stderr') => void
}): Promise<RunningHaproxy> {
  assertHaproxyInstalled()
  const { port, hosts, children, onLine } = options
  if (hosts.length > maxHosts) {
    throw new UserError(`deploy/haproxy.cfg has names for ${maxHosts} hosts, and these are ${hosts.length}.`)
  }
  const directory = await mkdtemp(join(tmpdir(), 'haproxy-'))
  const socketPath = join(directory, 'admin.sock')
  const hostNames = hosts.map(({ name }) => name)
  const child = children.start({
    name: 'haproxy',
    command: 'haproxy',
    // A master, which reloads, and a worker, which serves.
    args: ['-W', '-f', configFile],
    env: environmentOf({ ...options, socketPath }),
    // It says on stderr also what is no trouble.
    onLine: (line, from) => onLine(line, line.startsWith('[NOTICE]') ? 'stdout' : from),
  })
  const remove = child.ended.then(() => rm(directory, { recursive: true, force: true }))
  const hostStates = () => readHostStates(socketPath, hostNames)

  /** Asks until the answer is the one that is waited for. */
  async function until(isThere: () => Promise<boolean>, what: string): Promise<void> {
    let hasEnded = false
    void child.ended.then(() => {
      hasEnded = true
    })
    const giveUpAt = Date.now() + withinMilliseconds
    while (Date.now() < giveUpAt && !hasEnded) {
      // Nobody answers on the socket while it starts.
      if (await isThere().catch(() => false)) return
      await sleep(pollMilliseconds)
    }
    const why = hasEnded ? describeEnding(await child.ended) : `not within ${withinMilliseconds / 1000} s`
    throw new UserError(
      `HAProxy ${what} (${why}): what it said stands below.`,
      hasEnded ? await child.lastOutput() : '',
    )
  }

  try {
    await until(async () => (await hostStates()).size === hosts.length, 'did not start')
  } catch (error) {
    await child.end()
    await remove
    throw error
  }
  return {
    port,
    pid: child.pid,
    hostStates,
    whenUp: (name) => until(async () => (await hostStates()).get(name)?.startsWith('UP') ?? false, `left out ${name}`),
    async reload() {
      const before = await readWorkerPid(socketPath)
      if (child.pid !== undefined) process.kill(child.pid, 'SIGUSR2')
      await until(async () => (await readWorkerPid(socketPath)) !== before, 'did not reload')
    },
    ended: child.ended.then(describeEnding),
    async close() {
      await child.end()
      await remove
    },
  }
}

function environmentOf(options: {
  port: number
  hosts: readonly { port: number }[]
  env?: Environment
  socketPath: string
}): NodeJS.ProcessEnv {
  const { port, hosts, env, socketPath } = options
  const inherited = Object.entries(inheritedEnvironment()).filter(([name]) => !/^HOST_\d+$/.test(name))
  // HAProxy takes an empty value as it is, not as "not set".
  const given = Object.entries(env ?? {}).filter(([, value]) => value)
  return {
    ...Object.fromEntries([...inherited, ...given]),
    ...Object.fromEntries(hosts.map((host, index) => [`HOST_${index + 1}`, `127.0.0.1:${host.port}`])),
    NODE_ENV: process.env.NODE_ENV,
    PATH: pathWithSystemPrograms(),
    BIND: loopbackHosts()
      .map((address) => `${address}:${port}`)
      .join(','),
    STATS_SOCKET: socketPath,
    UNPRIVILEGED: 'yes',
  }
}

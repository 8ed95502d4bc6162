import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Children, describeEnding } from '@/tools/process/child-process'
import { UserError } from '@/tools/process/errors'
import { projectDirectory } from '@/tools/process/project'
import { type Environment, inheritedEnvironment } from '@/tools/stack/host-environment'
import { loopbackHosts } from '@/tools/testing/ports'
import { type HostStates, readHostStates, readWorkerPid, runAdminCommand } from './admin-socket'
import { assertHaproxyInstalled, pathWithSystemPrograms } from './haproxy-package'

/** The configuration that deployers copy. */
export const configFile = join(projectDirectory, 'deploy/haproxy.cfg')
/** The number of hosts that the configuration supports. */
const maxHosts = 6
const timeoutMilliseconds = 60_000
const pollMilliseconds = 50

/** HAProxy as a child process that listens on the loopback addresses. It ends with this process. */
export interface RunningHaproxy {
  port: number
  pid: number | undefined
  /** Reads the states of the hosts from its health checks. */
  hostStates(): Promise<HostStates>
  /** Resolves when the host is in the rotation. @throws UserError after a minute */
  whenUp(hostName: string): Promise<void>
  /** Reloads the configuration, as `systemctl reload` does, and resolves when the new worker process serves. */
  reload(): Promise<void>
  /** Resolves to how it ended. */
  ended: Promise<string>
  close(): Promise<void>
}

/**
 * Starts HAProxy with deploy/haproxy.cfg in front of hosts on 127.0.0.1. Resolves when it listens and has checked the
 * health of each host.
 * @throws UserError with the install command if HAProxy is missing; with its output if it does not start
 */
export async function startHaproxy(options: {
  port: number
  hosts: readonly { name: string; port: number }[]
  /** Variables of the configuration, such as limits. They override those of this process. */
  env?: Environment
  children: Children
  /** Receives each line of output: JSON for requests, text for changes of hosts. */
  onLine: (line: string, from: 'stdout' | 'stderr') => void
}): Promise<RunningHaproxy> {
  assertHaproxyInstalled()
  const { port, hosts, children, onLine } = options
  if (hosts.length > maxHosts) {
    throw new UserError(`deploy/haproxy.cfg supports ${maxHosts} hosts, not ${hosts.length}. Use fewer hosts.`)
  }
  const directory = await mkdtemp(join(tmpdir(), 'haproxy-'))
  const socketPath = join(directory, 'admin.sock')
  const masterSocketPath = join(directory, 'master.sock')
  const hostNames = hosts.map(({ name }) => name)
  const child = children.start({
    name: 'haproxy',
    command: 'haproxy',
    // Master-worker mode: the master handles reloads, the worker serves.
    args: ['-W', '-S', masterSocketPath, '-f', configFile],
    env: environmentOf({ ...options, socketPath }),
    // HAProxy writes notices to stderr too.
    onLine: (line, from) => onLine(line, line.startsWith('[NOTICE]') ? 'stdout' : from),
  })
  const cleanedUp = child.ended.then(() => rm(directory, { recursive: true, force: true }))
  const hostStates = () => readHostStates(socketPath, hostNames)

  /** Polls until `isDone` resolves to true. `problem` completes "HAProxy …" in the error. */
  async function waitUntil(isDone: () => Promise<boolean>, problem: string): Promise<void> {
    let hasEnded = false
    void child.ended.then(() => {
      hasEnded = true
    })
    const deadline = Date.now() + timeoutMilliseconds
    while (Date.now() < deadline && !hasEnded) {
      // The socket rejects connections while HAProxy starts.
      if (await isDone().catch(() => false)) return
      await sleep(pollMilliseconds)
    }
    const reason = hasEnded ? describeEnding(await child.ended) : `timeout after ${timeoutMilliseconds / 1000} s`
    const hint = hasEnded ? 'See its output above.' : 'See its log for the reason.'
    throw new UserError(`HAProxy ${problem} (${reason}). ${hint}`, hasEnded ? await child.lastOutput() : '')
  }

  try {
    await waitUntil(async () => (await hostStates()).size === hosts.length, 'did not start')
  } catch (error) {
    await child.end()
    await cleanedUp
    throw error
  }
  return {
    port,
    pid: child.pid,
    hostStates,
    whenUp: (name) =>
      waitUntil(async () => (await hostStates()).get(name)?.startsWith('UP') ?? false, `did not add ${name}`),
    async reload() {
      const before = await readWorkerPid(socketPath)
      // Not by SIGUSR2: the master ignores it while it starts, and its worker may already serve by then.
      await waitUntil(async () => {
        await runAdminCommand(masterSocketPath, 'reload')
        return true
      }, 'did not accept the reload')
      await waitUntil(async () => (await readWorkerPid(socketPath)) !== before, 'did not reload')
    },
    ended: child.ended.then(describeEnding),
    async close() {
      await child.end()
      await cleanedUp
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
  // HAProxy would use an empty value instead of the default.
  const nonEmpty = Object.entries(env ?? {}).filter(([, value]) => value)
  return {
    ...Object.fromEntries([...inherited, ...nonEmpty]),
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

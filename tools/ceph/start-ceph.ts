import { randomUUID } from 'node:crypto'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Child, type Children, describeEnding } from '@/tools/process/child-process'
import { errorCode, UserError } from '@/tools/process/errors'
import { storeRegion } from '@/tools/stack/host-environment'
import type { RunningStore } from '@/tools/stack/store-process'
import { findFreePorts, loopbackHosts } from '@/tools/testing/ports'
import { cephConfig } from './ceph-config'
import { assertCephInstalled } from './ceph-packages'

const user = 'anyhost'
const stepTimeoutMilliseconds = 90_000
const readyPollMilliseconds = 50

/** A user of radosgw. */
export interface CephUser {
  uid: string
  accessKeyId: string
  secretAccessKey: string
}

interface CephOptions {
  children: Children
  /** The folder of the cluster. Only one cluster may use it at a time. */
  directory: string
  /** The port of the S3 endpoint, on the loopback addresses only, path style only. */
  port: number
  accessKeyId: string
  secretAccessKey: string
  /** Another user, without any rights on the buckets of the first one. Only for a new cluster. */
  otherUser?: CephUser
  env: NodeJS.ProcessEnv
  /** Receives each line that one of its processes writes. */
  onLine: (line: string, from: 'stdout' | 'stderr') => void
  /** True keeps objects on disk (first start: 8 s); false keeps them in memory (2 s). */
  keepsData: boolean
  /** The length of a "day" of lifecycle rules in seconds. Default: 86,400. */
  lifecycleDaySeconds?: number | undefined
}

/**
 * Starts a real S3 server from Debian's packages: a Ceph monitor, an OSD (with a file or memory as its disk) and radosgw.
 * They are child processes that end with this process, even if it is killed. Needs neither root nor systemd. The only
 * user has the given keys, and the keys of earlier starts too.
 * @throws UserError with the install command if packages are missing; with the output of the process that failed
 */
export async function startCeph(options: CephOptions): Promise<RunningStore> {
  assertCephInstalled(options.env.PATH)
  const { port, keepsData, lifecycleDaySeconds } = options
  const directory = resolve(options.directory)
  const { fsid, isNew } = await openDirectory(directory, keepsData)
  const [monitorPort = 0] = await findFreePorts(1, [port])
  const configFile = join(directory, 'ceph.conf')
  const layout = { directory, fsid, monitorPort, port, hosts: loopbackHosts(), keepsData, lifecycleDaySeconds }
  await writeFile(configFile, cephConfig(layout))

  const programs = openPrograms({ ...options, env: { ...options.env, CEPH_CONF: configFile, CEPH_ARGS: '' } })
  try {
    await programs.whileAllRun(startParts({ ...options, directory, fsid, monitorPort, isNew, programs }))
    // A directory without this file was not set up completely, so the next start sets it up again.
    if (isNew && keepsData) await writeFile(markFile(directory), `${JSON.stringify({ fsid })}\n`)
  } catch (error) {
    await programs.kill()
    throw error
  }
  return {
    endpoint: `http://127.0.0.1:${port}`,
    region: storeRegion,
    ended: programs.ended,
    close: keepsData ? programs.end : programs.kill,
  }
}

async function startParts(
  options: CephOptions & {
    fsid: string
    monitorPort: number
    isNew: boolean
    programs: Programs
  },
): Promise<void> {
  const { directory, fsid, monitorPort, isNew, programs, accessKeyId, secretAccessKey, otherUser, port } = options
  const { run, start } = programs
  // The monitor stores its own address. Rewrite it at each start, because another program may use the old port.
  const map = join(directory, 'monmap')
  const address = `[v2:127.0.0.1:${monitorPort}/0]`
  await run('monmaptool', ['--create', '--clobber', '--fsid', fsid, '--addv', 'a', address, map])
  await run('ceph-mon', isNew ? ['--mkfs', '-i', 'a', '--monmap', map] : ['-i', 'a', '--inject-monmap', map])
  start('ceph-mon', ['-f', '-i', 'a'])
  if (isNew) {
    const disk = randomUUID()
    await run('ceph-osd', ['--mkfs', '-i', '0', '--osd-uuid', disk])
    await run('ceph', ['osd', 'new', disk, '0'])
  }
  start('ceph-osd', ['-f', '-i', '0'])
  await addKeys(programs, { uid: user, accessKeyId, secretAccessKey }, isNew)
  if (otherUser) await addKeys(programs, otherUser, isNew)
  start('radosgw', ['-f', '-n', 'client.rgw'])
  await waitUntilReady(port, programs.signal)
}

/** Creates a user with keys, or adds keys to a user. */
function addKeys({ run }: Programs, { uid, accessKeyId, secretAccessKey }: CephUser, isNew: boolean): Promise<void> {
  // Pass the keys by environment: every user of this machine can read a command line.
  const keys = { CEPH_ARGS: `--key-type=s3 --access-key=${accessKeyId} --secret-key=${secretAccessKey}` }
  const command = isNew ? ['user', 'create', '--display-name', uid] : ['key', 'create']
  return run('radosgw-admin', [...command, '--uid', uid], keys)
}

/** Prepares the directory for a new cluster, or reads the id of the cluster in it. */
async function openDirectory(directory: string, keepsData: boolean): Promise<{ fsid: string; isNew: boolean }> {
  const kept = keepsData ? await readMark(directory) : null
  if (kept) return { fsid: kept.fsid, isNew: false }
  for (const part of ['mon', 'osd', 'rgw', 'crash']) {
    await rm(join(directory, part), { recursive: true, force: true })
    await mkdir(join(directory, part), { recursive: true, mode: 0o700 })
  }
  return { fsid: randomUUID(), isNew: true }
}

async function readMark(directory: string): Promise<{ fsid: string } | null> {
  try {
    return JSON.parse(await readFile(markFile(directory), 'utf8'))
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null
    throw error
  }
}

function markFile(directory: string): string {
  return join(directory, 'cluster.json')
}

async function waitUntilReady(port: number, signal: AbortSignal): Promise<void> {
  const deadline = Date.now() + stepTimeoutMilliseconds
  while (Date.now() < deadline && !signal.aborted) {
    try {
      // An anonymous request for the list of buckets succeeds with an empty list.
      const { ok } = await fetch(`http://127.0.0.1:${port}/`, {
        signal: AbortSignal.any([signal, AbortSignal.timeout(5_000)]),
      })
      if (ok) return
    } catch {
      // radosgw does not listen or respond yet.
    }
    await sleep(readyPollMilliseconds)
  }
  throw new UserError(`radosgw did not respond within ${stepTimeoutMilliseconds / 1000} s. Start again.`)
}

/** Runs Ceph's programs. */
interface Programs {
  /** Runs a program until it exits. @throws UserError with its output if it fails */
  run(command: string, args: string[], env?: Record<string, string>): Promise<void>
  /** Starts a program that runs as long as the store. */
  start(command: string, args: string[]): void
  /** Waits for `work`. @throws UserError with the output of a started program that ends before */
  whileAllRun(work: Promise<void>): Promise<void>
  /** Resolves when the first started program has ended, to a description. */
  ended: Promise<string>
  /** Aborted by `kill`: no program may start any more. */
  signal: AbortSignal
  end(): Promise<void>
  kill(): Promise<void>
}

function openPrograms({ children, env, onLine }: Pick<CephOptions, 'children' | 'env' | 'onLine'>): Programs {
  const running: Child[] = []
  const killed = new AbortController()
  const { promise: firstEnded, resolve: resolveFirstEnded } = Promise.withResolvers<Child>()

  function startChild(
    command: string,
    args: string[],
    options: { env: NodeJS.ProcessEnv; onLine: (line: string) => void },
  ): Child {
    // A step may still run while all programs are killed.
    killed.signal.throwIfAborted()
    const child = children.start({ name: command, command, args, ...options })
    running.unshift(child)
    return child
  }

  async function describe(child: Child): Promise<string> {
    return `${child.name}: ${describeEnding(await child.ended)}`
  }

  return {
    async run(command, args, extraEnv) {
      // Its output matters only if it fails, and `radosgw-admin` prints the user's keys.
      const child = startChild(command, args, { env: { ...env, ...extraEnv }, onLine: () => {} })
      let isTimeout = false
      const timer = setTimeout(() => {
        isTimeout = true
        child.kill('SIGKILL')
      }, stepTimeoutMilliseconds)
      const ending = await child.ended
      clearTimeout(timer)
      if (ending.code === 0) return
      const reason = isTimeout ? `timeout after ${stepTimeoutMilliseconds / 1000} s` : describeEnding(ending)
      throw new UserError(`${command} ${args[0]} failed (${reason}). See its output above.`, await child.lastOutput())
    },
    start(command, args) {
      // Ceph writes everything to stderr, so pass it on as stdout: stderr lines are shown on the terminal.
      const child = startChild(command, args, {
        env,
        onLine: (line) => line.trim() && onLine(`${command}: ${line}`, 'stdout'),
      })
      void child.ended.then(() => resolveFirstEnded(child))
    },
    async whileAllRun(work) {
      const ended = await Promise.race([work, firstEnded])
      if (ended) {
        const message = `Ceph did not start (${await describe(ended)}). See its output above.`
        throw new UserError(message, await ended.lastOutput())
      }
    },
    ended: firstEnded.then(describe),
    signal: killed.signal,
    async end() {
      // In reverse order: each program needs those started before it to shut down.
      for (const child of running) await child.end()
    },
    async kill() {
      killed.abort()
      for (const child of running) child.kill('SIGKILL')
      await Promise.all(running.map((child) => child.ended))
    },
  }
}

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
const stepWithinMilliseconds = 90_000
const readyPollMilliseconds = 50

interface CephOptions {
  children: Children
  /** Where everything of it is kept. One at a time may use it. */
  directory: string
  /** Where it answers S3, on the loopback addresses only, path style only. */
  port: number
  accessKeyId: string
  secretAccessKey: string
  env: NodeJS.ProcessEnv
  /** Gets each line that one of its processes writes. */
  onLine: (line: string, from: 'stdout' | 'stderr') => void
  /** Whether buckets and objects outlive it (8 s to begin), or stand in memory (2 s). */
  keepsData: boolean
  /** How long a "day" of a lifecycle rule lasts, in seconds; without it a day. */
  lifecycleDaySeconds?: number | undefined
}

/**
 * Starts a real S3 server from Debian's packages: one Ceph monitor, one OSD (its disk is a file, or memory) and
 * radosgw, as processes of ours that end when we do, however we end. Needs neither root nor systemd. The one user has
 * the given keys, those of an earlier start too. Throws a UserError that says which command installs the packages
 * where they are missing, or with the last words of the process that did not do its part.
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
    // What is not marked was not finished, and is begun anew the next time.
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
  const { directory, fsid, monitorPort, isNew, programs, accessKeyId, secretAccessKey, port } = options
  const { run, start } = programs
  // The monitor keeps its own address: written anew each time, since the port may be somebody else's by now.
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
  // By environment, since anybody on this machine may read a command line.
  const keys = { CEPH_ARGS: `--key-type=s3 --access-key=${accessKeyId} --secret-key=${secretAccessKey}` }
  const userArgs = isNew ? ['user', 'create', '--display-name', user] : ['key', 'create']
  await run('radosgw-admin', [...userArgs, '--uid', user], keys)
  start('radosgw', ['-f', '-n', 'client.rgw'])
  await becomeReady(port, programs.signal)
}

/** Makes the directory ready for a new cluster, or finds there what the last one was. */
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

async function becomeReady(port: number, signal: AbortSignal): Promise<void> {
  const giveUpAt = Date.now() + stepWithinMilliseconds
  while (Date.now() < giveUpAt && !signal.aborted) {
    try {
      // Anybody may ask for their buckets: nobody has none.
      const { ok } = await fetch(`http://127.0.0.1:${port}/`, {
        signal: AbortSignal.any([signal, AbortSignal.timeout(5_000)]),
      })
      if (ok) return
    } catch {
      // It does not listen yet, or does not answer.
    }
    await sleep(readyPollMilliseconds)
  }
  throw new UserError(`radosgw did not answer within ${stepWithinMilliseconds / 1000} s: try again.`)
}

/** Ceph's programs: those that do one thing and end, and those that run as long as the store. */
interface Programs {
  run(command: string, args: string[], env?: Record<string, string>): Promise<void>
  start(command: string, args: string[]): void
  /** The result of `work`, unless a program that should run ends before; then a UserError with its last words. */
  whileAllRun(work: Promise<void>): Promise<void>
  ended: Promise<string>
  /** Aborted when they have been killed: nothing is to be begun any more. */
  signal: AbortSignal
  end(): Promise<void>
  kill(): Promise<void>
}

function openPrograms({ children, env, onLine }: Pick<CephOptions, 'children' | 'env' | 'onLine'>): Programs {
  const running: Child[] = []
  const over = new AbortController()
  let sayEnded = (_child: Child) => {}
  const firstEnded = new Promise<Child>((resolve) => {
    sayEnded = resolve
  })

  function begin(
    command: string,
    args: string[],
    options: { env: NodeJS.ProcessEnv; onLine: (line: string) => void },
  ): Child {
    // A step that went on while everything was being killed.
    over.signal.throwIfAborted()
    const child = children.start({ name: command, command, args, ...options })
    running.unshift(child)
    return child
  }

  async function describe(child: Child): Promise<string> {
    return `${child.name}: ${describeEnding(await child.ended)}`
  }

  return {
    async run(command, args, extraEnv) {
      // Only its last words, if it fails, are of interest; and `radosgw-admin` says the user's keys.
      const child = begin(command, args, { env: { ...env, ...extraEnv }, onLine: () => {} })
      let isTooLong = false
      const limit = setTimeout(() => {
        isTooLong = true
        child.kill('SIGKILL')
      }, stepWithinMilliseconds)
      const ending = await child.ended
      clearTimeout(limit)
      if (ending.code === 0) return
      const why = isTooLong ? `not done within ${stepWithinMilliseconds / 1000} s` : describeEnding(ending)
      const sentence = `${command} ${args[0]} failed (${why}): what it said stands below.`
      throw new UserError(sentence, await child.lastOutput())
    },
    start(command, args) {
      // Ceph says everything on stderr, so that the stream tells nothing of what should be seen on a terminal.
      const child = begin(command, args, {
        env,
        onLine: (line) => line.trim() && onLine(`${command}: ${line}`, 'stdout'),
      })
      void child.ended.then(() => sayEnded(child))
    },
    async whileAllRun(work) {
      const ended = await Promise.race([work, firstEnded])
      if (ended) {
        const sentence = `Ceph did not start (${await describe(ended)}): what it said stands below.`
        throw new UserError(sentence, await ended.lastOutput())
      }
    },
    ended: firstEnded.then(describe),
    signal: over.signal,
    async end() {
      // The last begun first: each needs those before it in order to end well.
      for (const child of running) await child.end()
    },
    async kill() {
      over.abort()
      for (const child of running) child.kill('SIGKILL')
      await Promise.all(running.map((child) => child.ended))
    },
  }
}

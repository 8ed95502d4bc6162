import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Children, describeEnding } from '@/tools/process/child-process'
import { UserError } from '@/tools/process/errors'
import { missingPrograms } from '@/tools/process/installed-programs'

const programs = ['buildah', 'podman', 'runc', 'docker-compose', 'debootstrap', 'iptables', 'systemd-analyze']
const packages = 'buildah podman runc netavark aardvark-dns iptables docker-compose debootstrap ca-certificates systemd'

/** Runs programs that share one temporary storage of images and containers. */
export interface ContainerEngine {
  /**
   * Runs a program to its end and returns its output.
   * @throws UserError with the output if the program fails
   */
  run(command: string, args: string[], options?: { cwd?: string }): Promise<string>
  /** Unmounts the storage, so that its folder can be deleted. */
  unmount(): Promise<void>
}

/**
 * Checks that podman and the other programs are installed and that this process is root.
 * @throws UserError with the command that installs them
 */
export function assertContainerEngineInstalled(): void {
  const missing = missingPrograms(programs, process.env.PATH ?? '')
  if (missing.length > 0) {
    const install = `apt-get update && apt-get install -y --no-install-recommends ${packages}`
    throw new UserError(`Not found: ${missing.join(', ')}. On Debian, run as root: ${install}`)
  }
  if (process.getuid?.() !== 0) throw new UserError('Building the base image requires root. Run this as root.')
}

/**
 * Configures podman and buildah with separate storage below `directory`, and starts podman's service, which
 * docker-compose uses instead of Docker.
 */
export async function startContainerEngine(children: Children, directory: string): Promise<ContainerEngine> {
  const socket = `unix://${join(directory, 'podman.sock')}`
  const storageFile = join(directory, 'storage.conf')
  const configFile = join(directory, 'containers.conf')
  const storage = { graphroot: join(directory, 'storage'), runroot: join(directory, 'run') }
  await writeFile(storageFile, toml('storage', { driver: 'overlay', ...storage }))
  // Works without systemd, and where the limits of this process are lower than podman's defaults.
  const engine = { runtime: 'runc', cgroup_manager: 'cgroupfs', events_logger: 'file' }
  const ulimits = { default_ulimits: ['nofile=4096:4096', 'nproc=4096:4096'] }
  await writeFile(configFile, toml('containers', ulimits) + toml('engine', engine))

  const env = {
    NODE_ENV: process.env.NODE_ENV,
    PATH: process.env.PATH,
    HOME: directory,
    CONTAINERS_STORAGE_CONF: storageFile,
    CONTAINERS_CONF: configFile,
    BUILDAH_ISOLATION: 'chroot',
    DOCKER_HOST: socket,
  }
  let count = 0
  const run: ContainerEngine['run'] = async (command, args, options = {}) => {
    count += 1
    const lines: string[] = []
    const child = children.start({
      name: `${command}-${count}`,
      command,
      args,
      env,
      ...(options.cwd && { cwd: options.cwd }),
      onLine: (line, from) => from === 'stdout' && lines.push(line),
    })
    const ending = await child.ended
    if (ending.code !== 0) {
      const [subcommand = ''] = args
      throw new UserError(`${command} ${subcommand}: ${describeEnding(ending)}`, await child.lastOutput())
    }
    await child.lastOutput()
    return lines.join('\n')
  }
  children.start({ name: 'podman', command: 'podman', args: ['system', 'service', '--time=0', socket], env, onLine })
  const unmount = async () => {
    await run('umount', ['--lazy', join(storage.graphroot, 'overlay')])
  }
  return { run, unmount }
}

/** The service writes lines about systemd timers for health checks, which nothing here needs. */
function onLine(): void {}

function toml(section: string, values: Record<string, string | string[]>): string {
  const lines = Object.entries(values).map(([name, value]) => `${name} = ${JSON.stringify(value)}`)
  return `[${section}]\n${lines.join('\n')}\n`
}

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Children, describeEnding } from '@/tools/process/child-process'
import { UserError } from '@/tools/process/errors'
import { projectDirectory } from '@/tools/process/project'
import { inheritedEnvironment } from '@/tools/stack/host-environment'
import { loopbackHosts } from '@/tools/testing/ports'
import { assertApacheInstalled, modulesDirectory } from './apache-package'

/** The configuration that deployers include. */
const siteFile = join(projectDirectory, 'deploy/apache-openidc.conf')
const timeoutMilliseconds = 60_000
const pollMilliseconds = 50

const modules = [
  'mpm_event',
  'authn_core',
  'authz_core',
  'authz_user',
  'auth_openidc',
  'headers',
  'proxy',
  'proxy_http',
]

/** Apache as a child process that listens on the loopback addresses. It ends with this process. */
interface RunningApache {
  origin: string
  close(): Promise<void>
}

/**
 * Starts Apache with deploy/apache-openidc.conf in front of a balancer. Resolves when it listens.
 * @throws UserError with the install command if Apache is missing; with its output if it does not start
 */
export async function startApache(options: {
  port: number
  /** The port of the balancer. */
  balancerPort: number
  issuer: string
  clientId: string
  clientSecret: string
  children: Children
  onLine: (line: string) => void
}): Promise<RunningApache> {
  assertApacheInstalled()
  const { port, children, onLine } = options
  const directory = await mkdtemp(join(tmpdir(), 'apache-'))
  const configFile = join(directory, 'apache.conf')
  await writeFile(configFile, serverConfig(port, directory))
  const child = children.start({
    name: 'apache',
    command: 'apache2',
    args: ['-D', 'FOREGROUND', '-f', configFile],
    env: {
      ...inheritedEnvironment(),
      PATH: `${process.env.PATH}:/usr/sbin`,
      OIDC_ISSUER: options.issuer,
      OIDC_CLIENT_ID: options.clientId,
      OIDC_CLIENT_SECRET: options.clientSecret,
      OIDC_CRYPTO_PASSPHRASE: 'a passphrase for tests',
      BALANCER: `127.0.0.1:${options.balancerPort}`,
    },
    onLine,
  })
  const cleanedUp = child.ended.then(() => rm(directory, { recursive: true, force: true }))
  let ending: string | undefined
  void child.ended.then((how) => {
    ending = describeEnding(how)
  })
  const deadline = Date.now() + timeoutMilliseconds
  while (!(await listens(port))) {
    if (ending || Date.now() > deadline) {
      await child.end()
      await cleanedUp
      throw new UserError(`Apache did not start (${ending ?? 'timeout'}). See its output.`, await child.lastOutput())
    }
    await sleep(pollMilliseconds)
  }
  return {
    origin: `http://localhost:${port}`,
    async close() {
      await child.end()
      await cleanedUp
    },
  }
}

/** What Debian's own configuration sets around a site. */
function serverConfig(port: number, directory: string): string {
  const load = modules.map((name) => `LoadModule ${name}_module ${modulesDirectory}/mod_${name}.so`)
  const listen = loopbackHosts().map((address) => `Listen ${address}:${port}`)
  return [
    ...load,
    ...listen,
    `ServerRoot "${directory}"`,
    `DefaultRuntimeDir "${directory}"`,
    `PidFile "${join(directory, 'apache.pid')}"`,
    `ServerName http://localhost:${port}`,
    // Node gives its children a socket as standard error, which Apache cannot open as a file.
    'ErrorLog "|/bin/cat"',
    // As root, Apache insists on another user for its workers.
    ...(process.getuid?.() === 0 ? ['User www-data', 'Group www-data'] : []),
    `Include "${siteFile}"`,
    '',
  ].join('\n')
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port })
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}

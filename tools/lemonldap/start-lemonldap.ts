import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Children, describeEnding } from '@/tools/process/child-process'
import { UserError } from '@/tools/process/errors'
import { projectDirectory } from '@/tools/process/project'
import { inheritedEnvironment } from '@/tools/stack/host-environment'
import { assertLemonldapInstalled } from './lemonldap-package'
import { folders, iniFile, portalConfig } from './portal-config'

const timeoutMilliseconds = 60_000
const pollMilliseconds = 100

/** LemonLDAP::NG as a child process that listens on 127.0.0.1. It ends with this process. */
interface RunningLemonldap {
  issuer: string
  close(): Promise<void>
}

/**
 * Starts LemonLDAP::NG as an OpenID Connect issuer with its demo accounts. Resolves when it answers.
 * @param options.appOrigin the site that people sign in at
 * @throws UserError with the install command if a package is missing; with its output if it does not start
 */
export async function startLemonldap(options: {
  port: number
  appOrigin: string
  children: Children
  onLine: (line: string) => void
}): Promise<RunningLemonldap> {
  assertLemonldapInstalled()
  const { port, appOrigin, children, onLine } = options
  const issuer = `http://localhost:${port}`
  const directory = await mkdtemp(join(tmpdir(), 'lemonldap-'))
  for (const folder of folders) await mkdir(join(directory, folder), { recursive: true })
  await writeFile(join(directory, 'lemonldap-ng.ini'), iniFile(directory))
  const config = portalConfig(issuer, appOrigin, directory)
  await writeFile(join(directory, 'conf/lmConf-1.json'), JSON.stringify(config), { mode: 0o600 })
  const child = children.start({
    name: 'lemonldap-ng',
    command: 'starman',
    args: ['--listen', `127.0.0.1:${port}`, '--workers', '2', join(projectDirectory, 'tools/lemonldap/portal.psgi')],
    env: { ...inheritedEnvironment(), LLNG_DEFAULTCONFFILE: join(directory, 'lemonldap-ng.ini') },
    onLine,
  })
  const cleanedUp = child.ended.then(() => rm(directory, { recursive: true, force: true }))
  let ending: string | undefined
  void child.ended.then((how) => {
    ending = describeEnding(how)
  })
  const deadline = Date.now() + timeoutMilliseconds
  while (!(await answers(issuer))) {
    if (ending || Date.now() > deadline) {
      await child.end()
      await cleanedUp
      const reason = ending ?? 'timeout'
      throw new UserError(`LemonLDAP::NG did not start (${reason}). See its output.`, await child.lastOutput())
    }
    await sleep(pollMilliseconds)
  }
  return {
    issuer,
    async close() {
      await child.end()
      await cleanedUp
    },
  }
}

/** A wrong configuration answers 500. */
async function answers(issuer: string): Promise<boolean> {
  const signal = AbortSignal.timeout(10_000)
  const response = await fetch(`${issuer}/.well-known/openid-configuration`, { signal }).catch(() => null)
  return response?.ok ?? false
}

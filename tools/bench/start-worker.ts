import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { projectDirectory } from '@/tools/process/project'
import type { CropJob } from './crop-worker'
import type { Sample } from './rounds'

/** A process of its own that crops. */
export interface CropWorker {
  run(job: CropJob): Promise<Sample>
  end(): Promise<void>
}

/** Starts one, with the memory settings of a host. It ends when this process does. */
export function startCropWorker(): CropWorker {
  const child = fork(join(projectDirectory, 'tools/bench/crop-worker.ts'), {
    cwd: projectDirectory,
    execArgv: ['--conditions', 'react-server', '--import', 'tsx'],
    env: { ...process.env, NODE_ENV: 'production', MALLOC_ARENA_MAX: '2' },
  })
  return {
    async run(job) {
      const answered = answer(child)
      child.send(job)
      return answered
    },
    async end() {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill()
      await once(child, 'exit')
    },
  }
}

function answer(child: ChildProcess): Promise<Sample> {
  return new Promise((resolve, reject) => {
    const onExit = () => reject(new Error('the process that crops ended by itself'))
    child.once('exit', onExit)
    child.once('message', (message: { sample: Sample } | { error: string }) => {
      child.off('exit', onExit)
      if ('sample' in message) resolve(message.sample)
      else reject(new Error(message.error))
    })
  })
}

import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { MemoryCase, MemoryUse } from './memory-worker'

const run = promisify(execFile)

/** Renders a picture in a new process with the memory settings of a host, and measures it. */
export async function measureMemory(picture: Uint8Array, options: MemoryCase): Promise<MemoryUse> {
  const directory = await mkdtemp(join(tmpdir(), 'memory-'))
  const file = join(directory, 'picture')
  try {
    await writeFile(file, picture)
    const worker = join(import.meta.dirname, 'memory-worker.ts')
    const execution = ['--expose-gc', '--conditions', 'react-server', '--import', 'tsx']
    const { stdout } = await run(process.execPath, [...execution, worker, file, JSON.stringify(options)], {
      env: { ...process.env, NODE_ENV: 'production', MALLOC_ARENA_MAX: '2', MALLOC_MMAP_THRESHOLD_: '2097152' },
    })
    return JSON.parse(stdout)
  } finally {
    await rm(directory, { recursive: true })
  }
}

import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Children, describeEnding } from '@/tools/process/child-process'
import { UserError } from '@/tools/process/errors'
import { projectDirectory } from '@/tools/process/project'
import { storeRegion } from './host-environment'
import type { State } from './state'

const readyWithinMilliseconds = 30_000

/** A running store: one or more child processes, which end with this process. */
export interface RunningStore {
  endpoint: string
  region: string
  /** Resolves when the store can no longer run, to a description of how it ended. */
  ended: Promise<string>
  close(): Promise<void>
}

/**
 * Starts the bundled store (tools/s3-store) in a child process and resolves when it listens.
 * @throws UserError with its output if it does not start within 30 s
 */
export async function startStore(options: {
  children: Children
  state: State
  port: number
  env: NodeJS.ProcessEnv
  onLine: (line: string, from: 'stdout' | 'stderr') => void
}): Promise<RunningStore> {
  const { children, state, port, env, onLine } = options
  const { promise: ready, resolve: resolveReady } = Promise.withResolvers<string>()
  const child = children.start({
    name: 'store',
    args: ['--import', 'tsx', join(projectDirectory, 'tools/s3-store/main.ts')],
    env: {
      ...env,
      STORE_PORT: String(port),
      STORE_DIRECTORY: state.storeDirectories.bundled,
      STORE_REGION: storeRegion,
      STORE_ACCESS_KEY_ID: state.secrets.storeAccessKeyId,
      STORE_SECRET_ACCESS_KEY: state.secrets.storeSecretAccessKey,
    },
    onLine,
    onMessage: (message) => {
      if (isReadyMessage(message)) resolveReady(message.ready)
    },
  })

  const result = await Promise.race([ready, child.ended, sleep(readyWithinMilliseconds, undefined, { ref: false })])
  if (typeof result === 'string') {
    return { endpoint: result, region: storeRegion, ended: child.ended.then(describeEnding), close: child.end }
  }
  await child.end()
  const reason = result ? describeEnding(result) : `not ready within ${readyWithinMilliseconds / 1000} s`
  throw new UserError(`The bundled store did not start (${reason}). See its output above.`, await child.lastOutput())
}

function isReadyMessage(message: unknown): message is { ready: string } {
  return typeof message === 'object' && message !== null && 'ready' in message && typeof message.ready === 'string'
}

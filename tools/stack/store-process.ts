import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Children, describeEnding } from '@/tools/process/child-process'
import { UserError } from '@/tools/process/errors'
import { projectDirectory } from '@/tools/process/project'
import { storeRegion } from './host-environment'
import type { State } from './state'

const readyWithinMilliseconds = 30_000

/** A store, running as processes of ours, which end by themselves when we do. */
export interface RunningStore {
  endpoint: string
  region: string
  /** Resolves, when it cannot go on, to what of it ended and how. */
  ended: Promise<string>
  close(): Promise<void>
}

/**
 * Starts the bundled store as a process of its own and waits until it says where it listens. Throws a UserError with its last words when it does not come up.
 */
export async function startStore(options: {
  children: Children
  state: State
  port: number
  env: NodeJS.ProcessEnv
  onLine: (line: string, from: 'stdout' | 'stderr') => void
}): Promise<RunningStore> {
  const { children, state, port, env, onLine } = options
  let say = (_endpoint: string) => {}
  const ready = new Promise<string>((resolve) => {
    say = resolve
  })
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
      if (isReadyMessage(message)) say(message.ready)
    },
  })

  const endpoint = await Promise.race([ready, child.ended, sleep(readyWithinMilliseconds, undefined, { ref: false })])
  if (typeof endpoint === 'string') {
    return { endpoint, region: storeRegion, ended: child.ended.then(describeEnding), close: child.end }
  }
  if (endpoint) {
    const sentence = `The bundled store did not start (${describeEnding(endpoint)}): what it said stands below.`
    throw new UserError(sentence, await child.lastOutput())
  }
  await child.end()
  const sentence = `The bundled store did not say within ${readyWithinMilliseconds / 1000} s that it is ready: try again.`
  throw new UserError(sentence, await child.lastOutput())
}

function isReadyMessage(message: unknown): message is { ready: string } {
  return typeof message === 'object' && message !== null && 'ready' in message && typeof message.ready === 'string'
}

import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Children, createChildren, describeEnding } from '@/tools/process/child-process'
import { UserError } from '@/tools/process/errors'
import { isLive } from '@/tools/process/probes'
import type { Log } from '@/tools/process/progress'
import { projectDirectory } from '@/tools/process/project'
import { bucketsOf, type Environment, hostEnvironment, inheritedEnvironment } from '@/tools/stack/host-environment'
import { startHost as startHostOf } from '@/tools/stack/standalone-build'
import { openStore, prepareState } from '@/tools/stack/startup-steps'
import type { RunningStore } from '@/tools/stack/store-process'
import { findFreePorts } from '@/tools/testing/ports'
import { buildSite } from './site-build'

/** A running host. */
export interface Host {
  port: number
  url: string
  pid: number
  /** From its start to the first 200 of `/livez`, in milliseconds. */
  liveAfterMs: number
  /** The time of its start, by `performance.now()`. */
  startedAt: number
  end(): Promise<void>
}

/** A store with its buckets, and hosts without a balancer. */
export interface Site {
  /** `APP_ORIGIN` of the hosts. */
  origin: string
  storePort: number
  /** The credentials of the store. */
  storeKeys: { accessKeyId: string; secretAccessKey: string; region: string }
  bucket: string
  /** Starts a host as `npm start` does. @param env overrides its environment */
  startHost(env?: Environment): Promise<Host>
  close(): Promise<void>
}

const liveWithinMs = 60_000
/** The precision of start times. */
const pollMs = 10

/** One build for the whole run: a source that changes meanwhile must not replace the files that hosts serve. */
let build: ReturnType<typeof buildSite> | undefined

/** Opens a site on an empty store. Throws a UserError with the last output of a process that does not start. */
export async function openSite(store: 'bundled' | 'ceph', log: Log): Promise<Site> {
  const storeChildren = createChildren()
  const hostChildren = createChildren()
  const [port, storePort] = (await findFreePorts(2, [])) as [number, number]
  const origin = `http://localhost:${port}`
  const reporter = { log }
  const stateDirectory = join(projectDirectory, `.anyhost/bench/state-${store}`)
  const state = await prepareState(reporter, { store, stateDirectory, port, storePort })
  let running: RunningStore | undefined

  async function close(): Promise<void> {
    await hostChildren.end()
    await running?.close()
    await storeChildren.end()
    await rm(state.storeDirectories[store], { recursive: true, force: true })
    await state.release()
  }

  try {
    await rm(state.storeDirectories[store], { recursive: true, force: true })
    const { secrets } = state
    log('Build: the app and its counterparts; about two minutes if the sources changed …')
    build ??= buildSite({
      children: hostChildren,
      serverActionsEncryptionKey: secrets.serverActionsEncryptionKey,
      onLine: () => {},
    })
    const built = await build
    const env: NodeJS.ProcessEnv = {
      ...inheritedEnvironment(),
      ...hostEnvironment({ appOrigin: origin, storePort, secrets, ...built }),
      NODE_ENV: 'production',
    }
    running = await openStore(reporter, {
      kind: store,
      children: storeChildren,
      state,
      port: storePort,
      env: inheritedEnvironment(),
      buckets: bucketsOf(env),
      appOrigin: origin,
      onLine: () => {},
    })
    return {
      origin,
      storePort,
      storeKeys: {
        accessKeyId: secrets.storeAccessKeyId,
        secretAccessKey: secrets.storeSecretAccessKey,
        region: running.region,
      },
      bucket: env.S3_BUCKET ?? '',
      startHost: (more = {}) => startHost(hostChildren, built.directory, { ...env, ...more }),
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

async function startHost(children: Children, directory: string, env: NodeJS.ProcessEnv): Promise<Host> {
  const [port] = (await findFreePorts(1, [])) as [number]
  const startedAt = performance.now()
  const child = startHostOf(children, { name: `host-${port}`, directory, port, env, onLine: () => {} })
  let hasEnded = false
  void child.ended.then(() => {
    hasEnded = true
  })
  while (!(await isLive(port))) {
    if (hasEnded || performance.now() - startedAt > liveWithinMs) {
      if (!hasEnded) await child.end()
      const how = describeEnding(await child.ended)
      throw new UserError(`A host did not start (${how}): ${await child.lastOutput()}`)
    }
    await sleep(pollMs)
  }
  const liveAfterMs = performance.now() - startedAt
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    pid: child.pid as number,
    liveAfterMs,
    startedAt,
    end: () => child.end(),
  }
}

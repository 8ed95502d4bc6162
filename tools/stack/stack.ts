import { join } from 'node:path'
import { createChildren, type Ending } from '@/tools/process/child-process'
import { UserError } from '@/tools/process/errors'
import { openProcessLog, type ProcessLog } from '@/tools/process/process-log'
import { type Log, runStep } from '@/tools/process/progress'
import { findFreePorts } from '@/tools/testing/ports'
import { buildOnce } from './build'
import { bucketsOf, type Environment, hostEnvironment, inheritedEnvironment } from './host-environment'
import { createHost, type HostProcess } from './host-process'
import { balancerDescriptions, openBalancer, type StackBalancer } from './open-balancer'
import type { BalancerKind, StoreKind } from './stack-options'
import { type StandaloneBuild, startHost } from './standalone-build'
import { openStore, prepareState } from './startup-steps'
import type { State } from './state'
import type { RunningStore } from './store-process'

/** What a stack is made of. */
interface StackOptions {
  /** Which store. */
  store: StoreKind
  /** Which balancer; without it the bundled one. */
  balancer?: BalancerKind
  /** Where secrets, objects and logs are kept. */
  stateDirectory: string
  /** Where the balancer listens: the site is `http://localhost:<port>`. */
  port: number
  storePort: number
  /** How many hosts. */
  hosts: number
  /** Laid over the environment of every host, and of HAProxy. */
  env?: Environment
  /** What the hosts serve; without it the project's own build, which is made where it is not up to date. */
  artefact?: StandaloneBuild
  /** Laid over that of one host, asked for each time it is started. */
  envOfHost?: (name: string) => Environment
  /** Build even if the build is up to date. */
  forceBuild?: boolean
  /** Show all that the build writes. */
  isVerbose?: boolean
  log: Log
  /** Aborting ends what has been started so far, and the start fails. */
  signal?: AbortSignal
}

/** The whole thing, running. */
interface Stack {
  origin: string
  storeEndpoint: string
  /** As they stand now; a host that was started again has another pid. */
  readonly hosts: { name: string; port: number; pid: number | undefined }[]
  /** Kills a host as a crash would. It stays down until `restartHost`. */
  killHost(name: string): Promise<unknown>
  /** Ends a host as a deployment would, by SIGTERM. It stays down until `restartHost`. @returns how it ended */
  stopHost(name: string): Promise<Ending | undefined>
  /** Ends a host, if it runs, as a deployment would, and starts it again. Resolves when it is back in the rotation. */
  restartHost(name: string): Promise<void>
  /** Resolves when the stack cannot go on, because its store or its balancer has ended. */
  failure: Promise<UserError>
  /** Ends everything: the balancer, then the hosts, then the store, which they may need until then. */
  close(): Promise<void>
}

/**
 * Starts store, hosts and balancer, stage by stage, building first where needed. When a stage fails, everything that
 * was started ends, and a UserError says what to do.
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { balancer: balancerKind = 'bundled', port, storePort, log, signal } = options
  const appOrigin = `http://localhost:${port}`
  const inherited = inheritedEnvironment()
  const storeChildren = createChildren()
  const hostChildren = createChildren()
  const logs: ProcessLog[] = []
  const hosts: HostProcess[] = []
  let state: State | undefined
  let store: RunningStore | undefined
  let balancer: StackBalancer | undefined

  async function close(): Promise<void> {
    await balancer?.close()
    await Promise.all(hosts.map((host) => host.end()))
    await hostChildren.end()
    await store?.close()
    await storeChildren.end()
    for (const processLog of logs) processLog.close()
    await state?.release()
  }

  function openLog(name: string, { logsDirectory }: State): ProcessLog {
    const processLog = openProcessLog({ name, file: join(logsDirectory, `${name}.log`), log })
    logs.push(processLog)
    return processLog
  }

  function prepareHost(host: Omit<Parameters<typeof startHost>[1], 'onLine'>, { onLine }: ProcessLog): HostProcess {
    const { name, port } = host
    return createHost({
      name,
      port,
      // A host that is started again may be told something else.
      launch: () => startHost(hostChildren, { ...host, env: { ...host.env, ...options.envOfHost?.(name) }, onLine }),
      onUp: () => balancer?.takeIn(name),
      onDown: () => balancer?.takeOut(name),
      log,
    })
  }

  const onAbort = () => void close()
  signal?.addEventListener('abort', onAbort, { once: true })
  try {
    state = await prepareState(options, options)
    const { secrets } = state

    const { directory, serverActionsEncryptionKey } =
      options.artefact ??
      (await runStep(options, {
        name: 'Build',
        does: 'next build, once for all hosts, a minute or two where the sources have changed',
        work: () =>
          buildOnce({
            children: hostChildren,
            serverActionsEncryptionKey: secrets.serverActionsEncryptionKey,
            env: inherited,
            force: options.forceBuild ?? false,
            onLine: (line) => options.isVerbose && log(line),
          }),
        outcome: ({ isNew }) => (isNew ? 'built' : 'build is up to date'),
        remedy: 'delete the folder .next and start again',
      }))

    const hostEnv = {
      ...inherited,
      ...hostEnvironment({ appOrigin, storePort, secrets, serverActionsEncryptionKey }),
      ...options.env,
      NODE_ENV: 'production' as const,
    }
    store = await openStore(options, {
      kind: options.store,
      children: storeChildren,
      state,
      port: storePort,
      env: inherited,
      buckets: bucketsOf(hostEnv),
      appOrigin,
      onLine: openLog('store', state).onLine,
    })

    for (const [index, hostPort] of (await findFreePorts(options.hosts, [port, storePort])).entries()) {
      const name = `host-${index + 1}`
      hosts.push(prepareHost({ name, directory, port: hostPort, env: hostEnv }, openLog(name, state)))
    }
    await runStep(options, {
      name: 'Hosts',
      does: `${hosts.length} of that one build`,
      work: () => Promise.all(hosts.map((host) => host.start())),
      outcome: () => hosts.map((host) => `${host.name} on ${host.port}`).join(', '),
      remedy: 'start again',
    })

    const { onLine } = openLog('balancer', state)
    balancer = await runStep(options, {
      name: 'Balancer',
      does: balancerDescriptions[balancerKind],
      work: () =>
        openBalancer(balancerKind, { port, hosts, env: options.env ?? {}, children: hostChildren, onLine, log }),
      outcome: () => appOrigin,
      remedy: 'choose another port with --port',
    })

    return {
      origin: appOrigin,
      storeEndpoint: store.endpoint,
      get hosts() {
        return hosts.map(({ name, port, pid }) => ({ name, port, pid }))
      },
      killHost: (name) => findHost(hosts, name).kill(),
      stopHost: (name) => findHost(hosts, name).end(),
      async restartHost(name) {
        const host = findHost(hosts, name)
        await host.end()
        await host.start()
        await balancer?.whenUp(name)
      },
      failure: Promise.race([
        store.ended.then((how) => new UserError(`The store ended by itself (${how}): start again.`)),
        balancer.ended.then((how) => new UserError(`The balancer ended by itself (${how}): start again.`)),
      ]),
      close,
    }
  } catch (error) {
    await close()
    throw error
  } finally {
    signal?.removeEventListener('abort', onAbort)
  }
}

function findHost(hosts: HostProcess[], name: string): HostProcess {
  const host = hosts.find((candidate) => candidate.name === name)
  if (!host) throw new Error(`There is no ${name}; there are ${hosts.map((candidate) => candidate.name).join(', ')}.`)
  return host
}

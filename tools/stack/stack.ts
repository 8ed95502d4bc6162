import { join } from 'node:path'
import { type IdentityProvider, identityProviderVariables } from '@/tools/identity-provider/identity-provider'
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
import { openIdentityProvider, openStore, prepareState } from './startup-steps'
import type { State } from './state'
import type { RunningStore } from './store-process'

interface StackOptions {
  store: StoreKind
  /** Default: bundled. */
  balancer?: BalancerKind
  /** The folder for secrets, objects and logs. */
  stateDirectory: string
  /** The port of the balancer: the site is `http://localhost:<port>`. */
  port: number
  storePort: number
  /** `APP_ORIGIN`, if a proxy in front of the balancer has another address. */
  publicOrigin?: string
  /** The port of the OpenID Connect provider that people sign in at. Default: they are guests. */
  identityProviderPort?: number | undefined
  /** The number of hosts. */
  hosts: number
  /** Overrides variables of every host and of HAProxy. */
  env?: Environment
  /** The build that the hosts serve. By default the project's, which is built first if it is not up to date. */
  build?: StandaloneBuild
  /** Overrides variables of one host. Called each time the host starts. */
  envOfHost?: (name: string) => Environment
  /** Build even if the build is up to date. */
  forceBuild?: boolean
  /** Print the output of the build. */
  isVerbose?: boolean
  log: Log
  /** Aborting it ends all processes started so far, and `startStack` rejects. */
  signal?: AbortSignal
}

/** A running stack: store, hosts and balancer. */
interface Stack {
  /** The address of the balancer. */
  origin: string
  storeEndpoint: string
  /** The provider, if people sign in at one. */
  identityProvider: IdentityProvider | undefined
  /** The current hosts. A restarted host has another pid. */
  readonly hosts: { name: string; port: number; pid: number | undefined }[]
  /** Kills a host with SIGKILL, as in a crash. It stays down until `restartHost`. */
  killHost(name: string): Promise<unknown>
  /** Drains and ends a host with SIGTERM, as in a deployment. It stays down until `restartHost`. @returns how it ended */
  stopHost(name: string): Promise<Ending | undefined>
  /** Stops a host, if it runs, and starts it again. Resolves when it is back in the rotation. */
  restartHost(name: string): Promise<void>
  /** Resolves when the store or the balancer has ended unexpectedly. */
  failure: Promise<UserError>
  /** Ends the balancer, then the hosts, then the store, which the hosts need until they have drained. */
  close(): Promise<void>
}

/**
 * Builds the project if needed, then starts store, hosts and balancer, and prints each step.
 * @throws UserError if a step fails, after ending everything that was started
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { balancer: balancerKind = 'bundled', port, storePort, identityProviderPort, log, signal } = options
  const balancerOrigin = `http://localhost:${port}`
  const { publicOrigin: appOrigin = balancerOrigin } = options
  const inherited = inheritedEnvironment()
  const storeChildren = createChildren()
  const hostChildren = createChildren()
  const logs: ProcessLog[] = []
  const hosts: HostProcess[] = []
  let state: State | undefined
  let store: RunningStore | undefined
  let balancer: StackBalancer | undefined
  let identityProvider: IdentityProvider | undefined

  async function close(): Promise<void> {
    await balancer?.close()
    await Promise.all(hosts.map((host) => host.end()))
    await hostChildren.end()
    await store?.close()
    await storeChildren.end()
    await identityProvider?.close()
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
      // A restarted host can get other variables.
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
      options.build ??
      (await runStep(options, {
        name: 'Build',
        description: 'running next build if the sources have changed, takes one to three minutes',
        work: () =>
          buildOnce({
            children: hostChildren,
            serverActionsEncryptionKey: secrets.serverActionsEncryptionKey,
            env: inherited,
            force: options.forceBuild ?? false,
            onLine: (line) => options.isVerbose && log(line),
          }),
        outcome: ({ isNew }) => (isNew ? 'built' : 'build is up to date'),
        remedy: 'delete the folder .next, then start again',
      }))

    identityProvider = await openIdentityProvider(options, { port: identityProviderPort, appOrigin })
    const hostEnv = {
      ...inherited,
      ...hostEnvironment({ appOrigin, storePort, secrets, serverActionsEncryptionKey }),
      ...(identityProvider && identityProviderVariables(identityProvider.issuer)),
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

    for (const [index, hostPort] of (
      await findFreePorts(options.hosts, [port, storePort, identityProviderPort ?? 0])
    ).entries()) {
      const name = `host-${index + 1}`
      hosts.push(prepareHost({ name, directory, port: hostPort, env: hostEnv }, openLog(name, state)))
    }
    await runStep(options, {
      name: 'Hosts',
      description: `starting ${hosts.length}`,
      work: () => Promise.all(hosts.map((host) => host.start())),
      outcome: () => hosts.map((host) => `${host.name} on port ${host.port}`).join(', '),
      remedy: 'start again',
    })

    const { onLine } = openLog('balancer', state)
    balancer = await runStep(options, {
      name: 'Balancer',
      description: balancerDescriptions[balancerKind],
      work: () =>
        openBalancer(balancerKind, { port, hosts, env: options.env ?? {}, children: hostChildren, onLine, log }),
      outcome: () => `listening on ${balancerOrigin}`,
      remedy: 'choose another port with --port',
    })

    return {
      origin: balancerOrigin,
      storeEndpoint: store.endpoint,
      identityProvider,
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
        store.ended.then((how) => new UserError(`The store stopped unexpectedly (${how}). Start again.`)),
        balancer.ended.then((how) => new UserError(`The balancer stopped unexpectedly (${how}). Start again.`)),
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
  if (!host) throw new Error(`Unknown host ${name}. Hosts: ${hosts.map((candidate) => candidate.name).join(', ')}.`)
  return host
}

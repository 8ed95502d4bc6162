import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { startHaproxy } from '@/tools/haproxy/start-haproxy'
import { identityProviderVariables } from '@/tools/identity-provider/identity-provider'
import { createChildren } from '@/tools/process/child-process'
import { UserError } from '@/tools/process/errors'
import { openProcessLog, type ProcessLog } from '@/tools/process/process-log'
import { type Log, runStep } from '@/tools/process/progress'
import { bucketsOf, hostEnvironment, inheritedEnvironment } from '@/tools/stack/host-environment'
import type { StoreKind } from '@/tools/stack/stack-options'
import type { StandaloneBuild } from '@/tools/stack/standalone-build'
import { openIdentityProvider, openStore, prepareState } from '@/tools/stack/startup-steps'
import type { RunningStore } from '@/tools/stack/store-process'
import { type FaultProxy, openFaultProxy } from '@/tools/testing/fault-proxy'
import { findFreePorts } from '@/tools/testing/ports'
import { buildTwo } from './builds'
import { choicesOf } from './choices'
import { createFleet, type FleetHost } from './fleet'
import type { SignIn } from './sign-in'

/** The processes of a run, with one proxy to the store for hosts and one for browsers. */
export interface Site {
  origin: string
  hosts: FleetHost[]
  artefacts: StandaloneBuild[]
  hostsProxy: FaultProxy
  browserProxy: FaultProxy
  /** The configuration of a host without faults between it and the store. */
  calmEnv: Record<string, string>
  /** Resolves when the balancer sends requests to a host. */
  whenInRotation(name: string): Promise<void>
  /** Resolves if the store or the balancer exits. The run cannot continue. */
  failure: Promise<UserError>
  close(): Promise<void>
}

/** The balancer's settings. */
const balancing = {
  // All people of a run have the same IP address.
  CROPS_PER_MINUTE: '1000000',
  WRITES_PER_MINUTE: '1000000',
  READS_PER_MINUTE: '1000000',
  NEW_GUESTS_PER_HOUR: '1000000',
  CONNECTIONS_PER_CLIENT: '1000',
  // Enough to keep a host busy, and the maximum of requests that a frozen or killed host affects.
  HOST_CONNECTIONS: '16',
}

/** Opens a site on an empty store. Throws a UserError with the last output of a process that does not start. */
export async function openSite(options: {
  store: StoreKind
  hosts: number
  signIn: SignIn
  stateDirectory: string
  seed: number
  /** Called for each host that exits unexpectedly. */
  onExit: (name: string, how: string) => void
  log: Log
  signal: AbortSignal
}): Promise<Site> {
  const { store: kind, seed, log, signal } = options
  const ports = await findFreePorts(5 + options.hosts, [])
  const [port, storePort, hostsPort, browserPort, providerPort, ...hostPorts] = ports
  if (!port || !storePort || !hostsPort || !browserPort || !providerPort) throw new Error('no ports')
  const origin = `http://localhost:${port}`
  const reporter = { log, signal }
  const state = await prepareState(reporter, { ...options, port, storePort })
  const storeChildren = createChildren()
  const hostChildren = createChildren()
  const closings: (() => unknown)[] = [() => state.release()]
  let closing = Promise.resolve()
  // Closes in reverse order. Every caller waits for the end.
  const close = () => {
    closing = closing.then(async () => {
      for (let last = closings.pop(); last; last = closings.pop()) await last()
    })
    return closing
  }
  signal.addEventListener('abort', () => void close())
  const openLog = (name: string): ProcessLog => {
    // Hosts that cannot reach their store report it repeatedly. Only their log files keep these lines.
    const processLog = openProcessLog({ name, file: join(state.logsDirectory, `${name}.log`), log: () => undefined })
    closings.push(processLog.close)
    return processLog
  }

  try {
    const { secrets } = state
    await rm(state.storeDirectories[kind], { recursive: true, force: true })
    closings.push(() => hostChildren.end())
    const artefacts = await runStep(reporter, {
      name: 'Builds',
      description: 'this release and a next one, some minutes if the sources changed',
      work: () => buildTwo(hostChildren, secrets.serverActionsEncryptionKey),
      outcome: (all) => all.map(({ directory }) => directory).join(', '),
      remedy: 'delete .next and .anyhost/chaos, and retry',
    })
    const [first] = artefacts as [StandaloneBuild]
    const { serverActionsEncryptionKey } = first
    const identityProvider = await openIdentityProvider(reporter, {
      port: options.signIn === 'oidc' ? providerPort : undefined,
      appOrigin: origin,
    })
    if (identityProvider) closings.push(() => identityProvider.close())
    const calmEnv = withoutUndefined({
      ...hostEnvironment({ appOrigin: origin, storePort, secrets, serverActionsEncryptionKey }),
      ...(identityProvider && identityProviderVariables(identityProvider.issuer)),
      S3_PUBLIC_ENDPOINT: `http://127.0.0.1:${storePort}`,
    })
    const store: RunningStore = await openStore(reporter, {
      kind,
      children: storeChildren,
      state,
      port: storePort,
      env: inheritedEnvironment(),
      buckets: bucketsOf(calmEnv),
      appOrigin: origin,
      keepsData: false,
      onLine: openLog('store').onLine,
    })
    closings.push(async () => {
      await store.close()
      await storeChildren.end()
      await rm(state.storeDirectories[kind], { recursive: true, force: true })
    })
    const openProxy = async (proxyPort: number, name: string) => {
      const random = choicesOf(seed, name)
      const proxy = await openFaultProxy({ port: proxyPort, storePort, random: () => random.between(0, 1) })
      closings.push(() => proxy.close())
      return proxy
    }
    const hostsProxy = await openProxy(hostsPort, 'faults for hosts')
    const browserProxy = await openProxy(browserPort, 'faults for browsers')

    const hostLogs = new Map(hostPorts.map((_, index) => [`host-${index + 1}`, openLog(`host-${index + 1}`)]))
    const hosts = createFleet({
      children: hostChildren,
      ports: hostPorts,
      artefact: first,
      env: {
        ...inheritedEnvironment(),
        ...calmEnv,
        AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${hostsPort}`,
        S3_PUBLIC_ENDPOINT: `http://localhost:${browserPort}`,
        // Long enough for the balancer to notice first.
        DRAIN_MS: '15000',
        // Crops of small pictures wait for the slow store rather than for a processor.
        CROP_CONCURRENCY: '8',
        NODE_ENV: 'production',
      },
      onLine: (name, line) => hostLogs.get(name)?.onLine(line, 'stdout'),
      onExit: options.onExit,
    })
    // Before the children end, so that the fleet restarts none of them.
    closings.push(() => Promise.all(hosts.map((host) => host.kill())))
    await runStep(reporter, {
      name: 'Hosts',
      description: `${hosts.length} of this release`,
      work: () => Promise.all(hosts.map((host) => host.start())),
      outcome: () => hosts.map((host) => `${host.name} on ${host.port}`).join(', '),
      remedy: 'retry',
    })
    const balancer = await runStep(reporter, {
      name: 'Balancer',
      description: 'HAProxy, as deployers run it',
      work: () =>
        startHaproxy({ port, hosts, env: balancing, children: hostChildren, onLine: openLog('balancer').onLine }),
      outcome: () => origin,
      remedy: 'retry',
    })
    closings.push(() => balancer.close())
    const failed = (what: string) => (how: string) => new UserError(`${what} exited (${how}): run chaos again.`)
    return {
      origin,
      hosts,
      artefacts,
      whenInRotation: balancer.whenUp,
      hostsProxy,
      browserProxy,
      calmEnv,
      failure: Promise.race([store.ended.then(failed('The store')), balancer.ended.then(failed('The balancer'))]),
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

function withoutUndefined(env: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined))
}

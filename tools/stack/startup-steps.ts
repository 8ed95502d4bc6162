import { assertCephInstalled } from '@/tools/ceph/ceph-packages'
import { startCeph } from '@/tools/ceph/start-ceph'
import { assertHaproxyInstalled } from '@/tools/haproxy/haproxy-package'
import { type IdentityProvider, startIdentityProvider } from '@/tools/identity-provider/identity-provider'
import { allowedDomain } from '@/tools/identity-provider/people'
import type { Children } from '@/tools/process/child-process'
import { type Reporter, runStep } from '@/tools/process/progress'
import { assertPortFree } from '@/tools/testing/ports'
import { prepareBuckets } from '@/tools/testing/prepare-bucket'
import type { BalancerKind, StoreKind } from './stack-options'
import { openState, type State } from './state'
import { type RunningStore, startStore } from './store-process'

const storeDescriptions = {
  bundled: 'starting the bundled S3 store',
  ceph: 'starting Ceph (a monitor, an OSD and radosgw), takes about 10 s',
}

/**
 * Runs the first step of `up` and `dev`: checks that Ceph and HAProxy are installed if needed and that all ports are
 * free, then opens the state folder.
 * @throws UserError if one of them fails
 */
export function prepareState(
  reporter: Reporter,
  options: {
    store: StoreKind
    balancer?: BalancerKind
    stateDirectory: string
    port: number
    storePort: number
    identityProviderPort?: number | undefined
  },
): Promise<State> {
  const { store, balancer, stateDirectory, port, storePort, identityProviderPort } = options
  return runStep(reporter, {
    name: 'State',
    description: `opening ${stateDirectory}`,
    async work() {
      if (store === 'ceph') assertCephInstalled()
      if (balancer === 'haproxy') assertHaproxyInstalled()
      await assertPortFree(port, '--port')
      await assertPortFree(storePort, '--store-port')
      if (identityProviderPort) await assertPortFree(identityProviderPort, '--oidc-port')
      return openState(stateDirectory)
    },
    outcome: ({ isNew }) => (isNew ? 'created new secrets' : 'using the existing secrets and data'),
    remedy: 'choose another folder with --state',
  })
}

/** Runs the step that starts the OpenID Connect provider. Returns undefined without a port. */
export async function openIdentityProvider(
  reporter: Reporter,
  options: { port: number | undefined; appOrigin: string },
): Promise<IdentityProvider | undefined> {
  const { port, appOrigin } = options
  if (port === undefined) return undefined
  return runStep(reporter, {
    name: 'Sign-in',
    description: 'starting the OpenID Connect provider',
    work: () => startIdentityProvider({ port, appOrigin }),
    outcome: ({ issuer }) => `listening on ${issuer}, people of ${allowedDomain} may sign in`,
    remedy: 'choose another port with --oidc-port',
  })
}

/**
 * Runs the next two steps: starts the store, and creates and configures its buckets.
 * @throws UserError if one of them fails
 */
export async function openStore(
  reporter: Reporter,
  options: {
    kind: StoreKind
    children: Children
    state: State
    port: number
    env: NodeJS.ProcessEnv
    buckets: string[]
    appOrigin: string
    /** Ceph only: whether objects survive a restart. If false they are in memory, which is faster. */
    keepsData?: boolean
    onLine: (line: string, from: 'stdout' | 'stderr') => void
  },
): Promise<RunningStore> {
  const { kind, state, buckets, appOrigin, keepsData = true } = options
  const directory = state.storeDirectories[kind]
  const { storeAccessKeyId: accessKeyId, storeSecretAccessKey: secretAccessKey } = state.secrets
  const store = await runStep(reporter, {
    name: 'Store',
    description: storeDescriptions[kind],
    work: () =>
      kind === 'bundled'
        ? startStore(options)
        : startCeph({ ...options, directory, accessKeyId, secretAccessKey, keepsData }),
    outcome: ({ endpoint }) => `listening on ${endpoint}, objects in ${directory}`,
    remedy: 'start again',
  })
  await runStep(reporter, {
    name: 'Buckets',
    description: `configuring ${buckets.join(', ')}`,
    work: () => prepareBuckets({ ...store, accessKeyId, secretAccessKey }, buckets, appOrigin),
    outcome: () => `CORS allows only ${appOrigin}; objects in incoming/ and drafts/ expire`,
    remedy: `start again; if that does not help, delete ${directory}, which deletes all photos`,
  })
  return store
}

import { assertCephInstalled } from '@/tools/ceph/ceph-packages'
import { startCeph } from '@/tools/ceph/start-ceph'
import { assertHaproxyInstalled } from '@/tools/haproxy/haproxy-package'
import type { Children } from '@/tools/process/child-process'
import { type Reporter, runStep } from '@/tools/process/progress'
import { assertPortFree } from '@/tools/testing/ports'
import { prepareBuckets } from '@/tools/testing/prepare-bucket'
import type { BalancerKind, StoreKind } from './stack-options'
import { openState, type State } from './state'
import { type RunningStore, startStore } from './store-process'

const descriptions = {
  bundled: 'the bundled S3 store, a process of its own',
  ceph: 'Ceph radosgw, a monitor and an OSD, processes of their own, 10 s or so',
}

/** The first stage of `up` and `dev`: store and balancer can be had, both ports are free, and the state folder is ours. */
export function prepareState(
  reporter: Reporter,
  options: { store: StoreKind; balancer?: BalancerKind; stateDirectory: string; port: number; storePort: number },
): Promise<State> {
  const { store, balancer, stateDirectory, port, storePort } = options
  return runStep(reporter, {
    name: 'State',
    does: stateDirectory,
    async work() {
      if (store === 'ceph') assertCephInstalled()
      if (balancer === 'haproxy') assertHaproxyInstalled()
      await assertPortFree(port, '--port')
      await assertPortFree(storePort, '--store-port')
      return openState(stateDirectory)
    },
    outcome: ({ isNew }) => (isNew ? 'secrets made' : 'kept from before'),
    remedy: 'choose another folder with --state',
  })
}

/** The next two stages of both: the store runs, and its buckets are ready for the app. */
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
    /** Ceph only: whether its objects outlive it. In memory they are written faster. */
    keepsData?: boolean
    onLine: (line: string, from: 'stdout' | 'stderr') => void
  },
): Promise<RunningStore> {
  const { kind, state, buckets, appOrigin, keepsData = true } = options
  const directory = state.storeDirectories[kind]
  const { storeAccessKeyId: accessKeyId, storeSecretAccessKey: secretAccessKey } = state.secrets
  const store = await runStep(reporter, {
    name: 'Store',
    does: descriptions[kind],
    work: () =>
      kind === 'bundled'
        ? startStore(options)
        : startCeph({ ...options, directory, accessKeyId, secretAccessKey, keepsData }),
    outcome: ({ endpoint }) => `${endpoint}, objects in ${directory}`,
    remedy: 'start again',
  })
  await runStep(reporter, {
    name: 'Bucket',
    does: buckets.join(', '),
    work: () => prepareBuckets({ ...store, accessKeyId, secretAccessKey }, buckets, appOrigin),
    outcome: () => `open to pages of ${appOrigin} alone; incoming/ and drafts/ expire`,
    remedy: `start again, and if that does not help, delete ${directory} and with it the pictures`,
  })
  return store
}

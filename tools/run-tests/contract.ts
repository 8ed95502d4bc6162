import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startCeph } from '@/tools/ceph/start-ceph'
import { type Children, createChildren, describeEnding } from '@/tools/process/child-process'
import { UserError } from '@/tools/process/errors'
import { projectDirectory } from '@/tools/process/project'
import { runUntilInterrupted } from '@/tools/process/run'
import { findFreePorts } from '@/tools/testing/ports'
import { assertEndpointGiven, parseContractOptions } from './contract-options'

const usage = `Usage: npm run contract -- [options] [arguments of vitest: files, -t NAME, …]

Runs the store contract: tests of everything the app needs from an S3 store, and of everything a store must reject.

  --store bundled    the bundled store (default)
  --store ceph       Ceph radosgw from Debian's packages, started for this run, with objects in memory
  --store endpoint   a running store, set by TEST_STORE_ENDPOINT, TEST_STORE_REGION, TEST_STORE_ACCESS_KEY_ID and
                     TEST_STORE_SECRET_ACCESS_KEY; see docs/stores.md
  -h, --help         show this help`

/** Short enough for a test to see objects expire. */
const lifecycleDaySeconds = 10

/** A store for one run: the variables that tests read, and a promise that resolves if the store ends before the tests. */
interface ContractStore {
  variables: Record<string, string>
  failure: Promise<UserError>
}

const never = new Promise<never>(() => {})

await runUntilInterrupted(async (signal) => {
  const { store, vitestArgs, isHelp } = parseContractOptions(process.argv.slice(2), usage)
  if (isHelp) {
    console.log(usage)
    process.exit(0)
  }
  const children = createChildren()
  const directory = await mkdtemp(join(tmpdir(), 'contract-'))
  signal.addEventListener('abort', () => children.end())
  try {
    const { variables, failure } = await openContractStore(store, children, directory)
    console.log(`Store contract on ${store === 'bundled' ? 'the bundled store' : variables.TEST_STORE_ENDPOINT}`)
    const tests = children.start({
      name: 'vitest',
      args: [join(projectDirectory, 'node_modules/vitest/vitest.mjs'), 'run', '--project', 'contract', ...vitestArgs],
      // Killed tests leave files in this directory, which is deleted below.
      env: { ...process.env, TMPDIR: directory, ...variables },
    })
    const ending = await Promise.race([tests.ended, failure])
    if (ending instanceof UserError) throw ending
    if (ending.code === null) console.error(`vitest: ${describeEnding(ending)}`)
    process.exitCode = ending.code ?? 1
  } finally {
    await children.end()
    await rm(directory, { recursive: true, force: true })
    // Ctrl-C stops a stack successfully, but an interrupted test run has not passed.
    if (signal.aborted) process.exit(130)
  }
  process.exit()
})

async function openContractStore(
  store: 'bundled' | 'ceph' | 'endpoint',
  children: Children,
  directory: string,
): Promise<ContractStore> {
  if (store === 'bundled') return { variables: { TEST_STORE: 'bundled' }, failure: never }
  if (store === 'endpoint') {
    assertEndpointGiven(process.env)
    // The other variables are in the environment already.
    const { TEST_STORE_ENDPOINT = '' } = process.env
    return { variables: { TEST_STORE: 'endpoint', TEST_STORE_ENDPOINT }, failure: never }
  }
  const createKeys = () => ({
    accessKeyId: randomBytes(10).toString('hex'),
    secretAccessKey: randomBytes(20).toString('hex'),
  })
  const keys = createKeys()
  const otherUser = { uid: 'hosts', ...createKeys() }
  const [port = 0] = await findFreePorts(1, [])
  const lines: string[] = []
  const ceph = await startCeph({
    children,
    directory,
    port,
    ...keys,
    otherUser,
    env: process.env,
    onLine: (line) => lines.push(line),
    keepsData: false,
    lifecycleDaySeconds,
  })
  const variables = {
    TEST_STORE: 'ceph',
    TEST_STORE_ENDPOINT: ceph.endpoint,
    TEST_STORE_REGION: ceph.region,
    TEST_STORE_ACCESS_KEY_ID: keys.accessKeyId,
    TEST_STORE_SECRET_ACCESS_KEY: keys.secretAccessKey,
    TEST_STORE_LIFECYCLE_DAY_SECONDS: String(lifecycleDaySeconds),
    TEST_STORE_OTHER_USER: otherUser.uid,
    TEST_STORE_OTHER_ACCESS_KEY_ID: otherUser.accessKeyId,
    TEST_STORE_OTHER_SECRET_ACCESS_KEY: otherUser.secretAccessKey,
  }
  const failure = ceph.ended.then(
    (how) =>
      new UserError(
        `Ceph ended before the tests (${how}). See its output above, then run again.`,
        lines.slice(-20).join('\n'),
      ),
  )
  return { variables, failure }
}

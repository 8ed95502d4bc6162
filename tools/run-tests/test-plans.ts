import { parseArgs } from 'node:util'
import { UserError } from '@/tools/process/errors'
import type { Suite } from './lanes'

/** The tests that CI runs on Ceph because S3 servers can differ: the store contract, and the steps that use it most. */
export const cephContractTests = [
  'tools/s3-store/contract',
  'lib/images/storage/urls.contract.test.ts',
  'lib/images/save.contract.test.ts',
  'lib/host/self-check.contract.test.ts',
  'lib/host/self-check-rights.contract.test.ts',
  'lib/images/upload.contract.test.ts',
  // The bundled store has one account and no policies.
  'lib/bucket/policy.contract.test.ts',
]

/** The journeys that CI runs on Ceph: upload, crop and save in a browser and by the API, and uploads the store rejects. */
export const cephJourneys = ['e2e/api.spec.ts', 'e2e/journey.spec.ts', 'e2e/refusals/uploads.spec.ts']

const onCeph = ['--', '--store', 'ceph']
const withCeph = { E2E_STORE: 'ceph' }
// The minimums are low enough for a busy machine.
const shortChaos = ['--minutes', '3', '--people', '24', '--min-flows', '300', '--min-kills', '15']
// Overrides the minutes and minimums of `shortChaos`.
const signedInChaos = ['--sign-in', 'oidc', '--minutes', '2', '--min-flows', '200', '--min-kills', '10']
const newSeed = ['--seed', String(Date.now() % 1_000_000)]

const check: Suite = { name: 'check', script: ['check'] }
const unit: Suite = { name: 'unit', script: ['unit'] }
const contract: Suite = { name: 'contract', script: ['contract'] }
/** Measures the memory of every kind of picture. `unit` measures a few. */
const memory: Suite = {
  name: 'memory',
  script: ['unit', '--', 'lib/images/engine/rendering-memory.test.ts'],
  env: { EVERY_MEMORY_KIND: 'true' },
}
const journeys: Suite = { name: 'e2e', script: ['e2e'] }
/** The same with those tagged `@long`, and with as many photos to export and erase as a person may have. */
const allJourneys: Suite = { ...journeys, env: { LONG_TESTS: 'true', MY_DATA_PHOTOS: '1000' } }
/** Evaluates the crops that photos open with. It downloads the photos on its first run. */
const faces: Suite = { name: 'faces', script: ['faces'] }

/** The test plans. Each is a list of stages that run in sequence; the lanes of a stage run in parallel. */
const plans = {
  /** `npm test`: all suites on the bundled store. */
  test: [[[check]], [[unit, contract], [journeys]]],
  /** `npm run test:ceph`: the tests that CI runs on a real S3 server. */
  ceph: [
    [
      [{ name: 'contract-ceph-core', script: ['contract', ...onCeph, ...cephContractTests] }],
      [{ name: 'e2e-ceph-smoke', script: ['e2e', '--', ...cephJourneys], env: withCeph }],
    ],
  ],
  /** `npm run test:all`: all suites on both stores, axe, Firefox, LemonLDAP::NG, the containers, and chaos. */
  all: [
    [[check]],
    [[unit, contract], [allJourneys]],
    [[memory]],
    [[faces]],
    // All themes and languages. `e2e` checks the main screens in English.
    [[{ name: 'axe', script: ['axe'] }]],
    // Needs Debian's firefox-esr.
    [[{ name: 'firefox', script: ['firefox'] }]],
    // Needs Debian's packages of LemonLDAP::NG.
    [[{ name: 'lemonldap', script: ['lemonldap'] }]],
    [
      [{ name: 'contract-ceph', script: ['contract', ...onCeph] }],
      [{ name: 'e2e-ceph', script: ['e2e'], env: withCeph }],
    ],
    // Needs root, and builds the images of deploy/.
    [[{ name: 'container', script: ['container'] }]],
    // A new seed for each run. The run prints it, and `npm run chaos -- --seed` repeats it.
    [[{ name: 'chaos', script: ['chaos', '--', ...newSeed, ...shortChaos] }]],
    [[{ name: 'chaos-oidc', script: ['chaos', '--', ...newSeed, ...shortChaos, ...signedInChaos] }]],
  ],
} satisfies Record<string, Suite[][][]>

type PlanName = keyof typeof plans

/**
 * Parses a command line: a plan, and the suites of it to run.
 * @throws UserError that names an unknown plan, suite or option
 */
export function parseTestOptions(
  args: string[],
  usage: string,
): { plan: PlanName; stages: Suite[][][]; isHelp: boolean } {
  const { values, positionals } = parse(args, usage)
  const [plan = 'test'] = positionals
  if (!isPlan(plan)) throw new UserError(`Unknown plan: ${plan}. Use ${Object.keys(plans).join(', ')}.`, usage)
  const known = suitesOf(plans[plan]).map(({ name }) => name)
  const from = values.from ?? known[0]
  const chosen = values.only?.split(',') ?? known.slice(known.indexOf(from as string))
  for (const name of [...chosen, from as string]) {
    if (!known.includes(name)) throw new UserError(`Unknown suite: ${name}. Use ${known.join(', ')}.`, usage)
  }
  return { plan, stages: choose(plans[plan], chosen), isHelp: values.help }
}

/** Returns the suites of a plan, in order. */
export function suitesOf(stages: Suite[][][]): Suite[] {
  return stages.flat(2)
}

function choose(stages: Suite[][][], names: string[]): Suite[][][] {
  const lanes = stages.map((stage) => stage.map((lane) => lane.filter(({ name }) => names.includes(name))))
  return lanes.map((stage) => stage.filter((lane) => lane.length > 0)).filter((stage) => stage.length > 0)
}

function isPlan(name: string): name is PlanName {
  return name in plans
}

function parse(args: string[], usage: string) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        from: { type: 'string' },
        only: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    throw new UserError(`${error.message}.`, usage, { cause: error })
  }
}

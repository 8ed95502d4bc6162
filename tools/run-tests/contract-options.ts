import { parseArgs } from 'node:util'
import { UserError } from '@/tools/process/errors'
import { readName } from '@/tools/testing/options'

const storeNames = ['bundled', 'ceph', 'endpoint'] as const

/** The command-line options of `npm run contract`. */
interface ContractOptions {
  store: (typeof storeNames)[number]
  /** Passed to vitest unchanged. */
  vitestArgs: string[]
  isHelp: boolean
}

/** The variables that `--store endpoint` requires. */
const endpointVariables = [
  'TEST_STORE_ENDPOINT',
  'TEST_STORE_REGION',
  'TEST_STORE_ACCESS_KEY_ID',
  'TEST_STORE_SECRET_ACCESS_KEY',
]

/**
 * Parses a command line. The options of `npm run contract` come first; the first other argument and all that follow
 * belong to vitest.
 * @throws UserError for an unknown store
 */
export function parseContractOptions(args: string[], usage: string): ContractOptions {
  const { tokens } = parseArgs({
    args,
    options: { store: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
    strict: false,
    tokens: true,
  })
  let store: string = 'bundled'
  let isHelp = false
  let vitestStart = args.length
  for (const token of tokens) {
    if (token.kind === 'option' && token.name === 'store') store = token.value ?? ''
    else if (token.kind === 'option' && token.name === 'help') isHelp = true
    else {
      vitestStart = token.kind === 'option-terminator' ? token.index + 1 : token.index
      break
    }
  }
  return { store: readName('--store', store, storeNames, usage), vitestArgs: args.slice(vitestStart), isHelp }
}

/**
 * Checks that the variables of `--store endpoint` are set.
 * @throws UserError that names all missing variables
 */
export function assertEndpointGiven(environment: Partial<NodeJS.ProcessEnv>): void {
  const missing = endpointVariables.filter((name) => !environment[name])
  if (missing.length === 0) return
  throw new UserError(`Not set: ${missing.join(', ')}. Set them for --store endpoint; see docs/stores.md.`)
}

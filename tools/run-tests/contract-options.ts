import { parseArgs } from 'node:util'
import { UserError } from '@/tools/process/errors'

const storeNames = ['bundled', 'ceph', 'endpoint'] as const

/** What `npm run contract` can be told. */
interface ContractOptions {
  store: (typeof storeNames)[number]
  /** Handed on to vitest as they are. */
  vitestArgs: string[]
  isHelp: boolean
}

/** What must be set for a store that is running somewhere. */
const endpointVariables = [
  'TEST_STORE_ENDPOINT',
  'TEST_STORE_REGION',
  'TEST_STORE_ACCESS_KEY_ID',
  'TEST_STORE_SECRET_ACCESS_KEY',
]

/** Reads a command line: our own options come first, and from the first that is not ours on, all is vitest's. */
export function parseContractOptions(args: string[], usage: string): ContractOptions {
  const { tokens } = parseArgs({
    args,
    options: { store: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
    strict: false,
    tokens: true,
  })
  let store: string = 'bundled'
  let isHelp = false
  let firstOfVitest = args.length
  for (const token of tokens) {
    if (token.kind === 'option' && token.name === 'store') store = token.value ?? ''
    else if (token.kind === 'option' && token.name === 'help') isHelp = true
    else {
      firstOfVitest = token.kind === 'option-terminator' ? token.index + 1 : token.index
      break
    }
  }
  const name = storeNames.find((known) => known === store)
  if (!name) throw new UserError(`--store ${store} does not work: it takes ${storeNames.join(', ')}.`, usage)
  return { store: name, vitestArgs: args.slice(firstOfVitest), isHelp }
}

/** Throws a UserError that names every variable that `--store endpoint` needs and has not. */
export function assertEndpointGiven(environment: Partial<NodeJS.ProcessEnv>): void {
  const missing = endpointVariables.filter((name) => !environment[name])
  if (missing.length === 0) return
  throw new UserError(`--store endpoint needs ${missing.join(', ')} in the environment: docs/stores.md tells more.`)
}

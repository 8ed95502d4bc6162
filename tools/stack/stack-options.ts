import { parseArgs } from 'node:util'
import { UserError } from '@/tools/process/errors'

/** The command-line options of `up` and `dev`. */
interface CommandOptions {
  store: StoreKind
  balancer: BalancerKind
  port: number
  storePort: number
  hosts: number
  stateDirectory: string
  forceBuild: boolean
  isVerbose: boolean
  isHelp: boolean
}

/** The stores that can be started: the bundled one (tools/s3-store), or Ceph radosgw from Debian's packages. */
export type StoreKind = (typeof storeKinds)[number]

const storeKinds = ['bundled', 'ceph'] as const

/** The balancers that can be started: the bundled one, or HAProxy from Debian's package, as in production. */
export type BalancerKind = (typeof balancerKinds)[number]

const balancerKinds = ['bundled', 'haproxy'] as const
const maxHosts = 32

/**
 * Parses a command line.
 * @throws UserError that names the invalid option
 */
export function parseOptions(args: string[], usage: string): CommandOptions {
  const values = parse(args, usage)
  return {
    store: oneOf('--store', values.store, storeKinds),
    balancer: oneOf('--balancer', values.balancer, balancerKinds),
    port: wholeNumber('--port', values.port, 65_535),
    storePort: wholeNumber('--store-port', values['store-port'], 65_535),
    hosts: wholeNumber('--hosts', values.hosts, maxHosts),
    stateDirectory: values.state,
    forceBuild: values.build,
    isVerbose: values.verbose,
    isHelp: values.help,
  }
}

function parse(args: string[], usage: string) {
  try {
    return parseArgs({
      args,
      options: {
        store: { type: 'string', default: 'bundled' },
        balancer: { type: 'string', default: 'bundled' },
        port: { type: 'string', default: '3000' },
        'store-port': { type: 'string', default: '9000' },
        hosts: { type: 'string', default: '3' },
        state: { type: 'string', default: '.anyhost' },
        build: { type: 'boolean', default: false },
        verbose: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    throw new UserError(`${error.message}.`, usage, { cause: error })
  }
}

function oneOf<Kind extends string>(option: string, value: string, kinds: readonly Kind[]): Kind {
  const kind = kinds.find((known) => known === value)
  if (kind) return kind
  throw new UserError(`Invalid value: ${option} ${value}. Use ${kinds.join(' or ')}.`)
}

function wholeNumber(option: string, value: string, max: number): number {
  const number = Number(value)
  if (Number.isInteger(number) && number >= 1 && number <= max) return number
  throw new UserError(`Invalid value: ${option} ${value}. Use a whole number from 1 to ${max}.`)
}

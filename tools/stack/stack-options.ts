import { readName, readOptions, readWholeNumber } from '@/tools/testing/options'

/** The command-line options of `up` and `dev`. */
interface CommandOptions {
  store: StoreKind
  balancer: BalancerKind
  port: number
  storePort: number
  hosts: number
  stateDirectory: string
  /** The port of the OpenID Connect provider to start. Undefined: people are guests. */
  identityProviderPort: number | undefined
  forceBuild: boolean
  isVerbose: boolean
  isHelp: boolean
}

/** The stores that can be started: the bundled one (tools/s3-store), or Ceph radosgw from Debian's packages. */
export type StoreKind = (typeof storeKinds)[number]

export const storeKinds = ['bundled', 'ceph'] as const

/** The balancers that can be started: the bundled one, or HAProxy from Debian's package, as in production. */
export type BalancerKind = (typeof balancerKinds)[number]

const balancerKinds = ['bundled', 'haproxy'] as const
const maxPort = 65_535
const maxHosts = 32

/** Parses a command line. Throws a UserError that names the invalid option. */
export function parseOptions(args: string[], usage: string): CommandOptions {
  const values = readOptions(
    args,
    {
      store: { type: 'string', default: 'bundled' },
      balancer: { type: 'string', default: 'bundled' },
      port: { type: 'string', default: '3000' },
      'store-port': { type: 'string', default: '9000' },
      hosts: { type: 'string', default: '3' },
      oidc: { type: 'boolean', default: false },
      'oidc-port': { type: 'string', default: '4000' },
      state: { type: 'string', default: '.anyhost' },
      build: { type: 'boolean', default: false },
      verbose: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
    usage,
  )
  return {
    store: readName('--store', values.store, storeKinds),
    balancer: readName('--balancer', values.balancer, balancerKinds),
    port: readWholeNumber('--port', values.port, 1, maxPort),
    storePort: readWholeNumber('--store-port', values['store-port'], 1, maxPort),
    hosts: readWholeNumber('--hosts', values.hosts, 1, maxHosts),
    stateDirectory: values.state,
    identityProviderPort: values.oidc ? readWholeNumber('--oidc-port', values['oidc-port'], 1, maxPort) : undefined,
    forceBuild: values.build,
    isVerbose: values.verbose,
    isHelp: values.help,
  }
}

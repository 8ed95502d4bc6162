import { type StoreKind, storeKinds } from '@/tools/stack/stack-options'
import { readName, readNumber, readOptions, readWholeNumber } from '@/tools/testing/options'
import { type SignIn, signIns } from './sign-in'
import { killsPerMinute } from './trouble'

/** The options of `npm run chaos`. */
export interface ChaosOptions {
  seed: number
  minutes: number
  store: StoreKind
  hosts: number
  /** People at a time. */
  people: number
  /** How people get a session. */
  signIn: SignIn
  /** How many more people use a real browser. */
  browsers: number
  /** A run with fewer proves nothing, and fails. */
  minFlows: number
  minKills: number
  stateDirectory: string
  /** Where to write the JSON report. */
  jsonFile: string | null
  isHelp: boolean
}

/** The long form: 10,000 flows in 30 minutes. */
const flowsPerMinute = 10_000 / 30

/** From this length on a browser takes part: its own cost matters less. */
const longMinutes = 5

/** Parses a command line. Throws a UserError that names the invalid option. */
export function parseChaosOptions(args: string[], usage: string): ChaosOptions {
  const values = readOptions(
    args,
    {
      seed: { type: 'string', default: '1' },
      minutes: { type: 'string', default: '3' },
      store: { type: 'string', default: 'ceph' },
      hosts: { type: 'string', default: '3' },
      people: { type: 'string', default: '56' },
      'sign-in': { type: 'string', default: 'guest' },
      browsers: { type: 'string' },
      'min-flows': { type: 'string' },
      'min-kills': { type: 'string' },
      state: { type: 'string', default: '.anyhost/chaos' },
      json: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
    usage,
  )
  const minutes = readNumber('--minutes', values.minutes, 0.1, 600)
  const minFlows = values['min-flows'] ?? String(Math.floor(minutes * flowsPerMinute))
  const minKills = values['min-kills'] ?? String(Math.floor(minutes * killsPerMinute))
  return {
    seed: readWholeNumber('--seed', values.seed, 0, 2 ** 32 - 1),
    minutes,
    store: readName('--store', values.store, storeKinds),
    hosts: readWholeNumber('--hosts', values.hosts, 3, 6),
    people: readWholeNumber('--people', values.people, 1, 100),
    signIn: readName('--sign-in', values['sign-in'], signIns),
    browsers: readWholeNumber('--browsers', values.browsers ?? (minutes < longMinutes ? '0' : '1'), 0, 4),
    minFlows: readWholeNumber('--min-flows', minFlows, 0, 1e9),
    minKills: readWholeNumber('--min-kills', minKills, 0, 1e9),
    stateDirectory: values.state,
    jsonFile: values.json ?? null,
    isHelp: values.help,
  }
}

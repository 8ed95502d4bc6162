import { parseArgs } from 'node:util'
import { UserError } from '@/tools/process/errors'
import type { StoreKind } from '@/tools/stack/stack-options'
import { killsPerMinute } from './trouble'

/** The options of `npm run chaos`. */
export interface ChaosOptions {
  seed: number
  minutes: number
  store: StoreKind
  hosts: number
  /** People at a time. */
  people: number
  /** How many more people use a real browser. */
  browsers: number
  /** With fewer the run proves nothing, and fails. */
  minFlows: number
  minKills: number
  stateDirectory: string
  /** Where the JSON goes. */
  jsonFile: string | null
  isHelp: boolean
}

/** The long form: 10,000 flows in 30 minutes. */
const flowsPerMinute = 10_000 / 30

/** From this length on a browser takes part: its own cost matters less. */
const longMinutes = 5

/** Parses a command line. Throws a UserError that names the wrong option. */
export function parseChaosOptions(args: string[], usage: string): ChaosOptions {
  const values = parse(args, usage)
  const minutes = number('--minutes', values.minutes, 0.1, 600)
  return {
    seed: whole('--seed', values.seed, 0, 2 ** 32 - 1),
    minutes,
    store:
      values.store === 'bundled' || values.store === 'ceph'
        ? values.store
        : refuse('--store', values.store, 'bundled or ceph'),
    hosts: whole('--hosts', values.hosts, 3, 6),
    people: whole('--people', values.people, 1, 100),
    browsers: whole('--browsers', values.browsers ?? (minutes < longMinutes ? '0' : '1'), 0, 4),
    minFlows: whole('--min-flows', values['min-flows'] ?? String(Math.floor(minutes * flowsPerMinute)), 0, 1e9),
    minKills: whole('--min-kills', values['min-kills'] ?? String(Math.floor(minutes * killsPerMinute)), 0, 1e9),
    stateDirectory: values.state,
    jsonFile: values.json ?? null,
    isHelp: values.help,
  }
}

function parse(args: string[], usage: string) {
  try {
    return parseArgs({
      args,
      options: {
        seed: { type: 'string', default: '1' },
        minutes: { type: 'string', default: '3' },
        store: { type: 'string', default: 'ceph' },
        hosts: { type: 'string', default: '3' },
        people: { type: 'string', default: '56' },
        browsers: { type: 'string' },
        'min-flows': { type: 'string' },
        'min-kills': { type: 'string' },
        state: { type: 'string', default: '.anyhost/chaos' },
        json: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    throw new UserError(`${error.message}.`, usage, { cause: error })
  }
}

function whole(option: string, value: string, least: number, most: number): number {
  const read = number(option, value, least, most)
  return Number.isInteger(read) ? read : refuse(option, value, 'a whole number')
}

function number(option: string, value: string, least: number, most: number): number {
  const read = Number(value)
  if (value.trim() !== '' && read >= least && read <= most) return read
  return refuse(option, value, `a number from ${least} to ${most}`)
}

function refuse(option: string, value: string, takes: string): never {
  throw new UserError(`${option} ${value} does not work: it takes ${takes}.`)
}

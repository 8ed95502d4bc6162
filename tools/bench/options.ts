import { parseArgs } from 'node:util'
import { UserError } from '@/tools/process/errors'
import type { Family } from './figure'

/** The options of `npm run bench`. */
export interface BenchOptions {
  rounds: number
  isQuick: boolean
  isStrict: boolean
  /** Figures to measure; null means all. */
  only: ReadonlySet<string> | null
  /** Where the JSON goes. */
  jsonFile: string | null
  isList: boolean
  isHelp: boolean
}

const maxRounds = 99

/** Parses a command line. Throws a UserError that names the wrong option. */
export function parseBenchOptions(args: string[], families: readonly Family[], usage: string): BenchOptions {
  const values = parse(args, usage)
  return {
    rounds: wholeNumber('--rounds', values.rounds ?? (values.quick ? '1' : '5')),
    isQuick: values.quick,
    isStrict: values.strict,
    only: values.only === undefined ? null : figuresNamed(values.only, families),
    jsonFile: values.json ?? null,
    isList: values.list,
    isHelp: values.help,
  }
}

function parse(args: string[], usage: string) {
  try {
    return parseArgs({
      args,
      options: {
        rounds: { type: 'string' },
        quick: { type: 'boolean', default: false },
        strict: { type: 'boolean', default: false },
        only: { type: 'string' },
        json: { type: 'string' },
        list: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    throw new UserError(`${error.message}.`, usage, { cause: error })
  }
}

/** The figures of a list with commas; the name of a family stands for all of its figures. */
function figuresNamed(list: string, families: readonly Family[]): Set<string> {
  const named = new Set<string>()
  for (const name of list.split(',').map((part) => part.trim())) {
    const figures = families.flatMap((family) =>
      family.figures.filter((figure) => [figure.name, family.name].includes(name)),
    )
    if (figures.length === 0) throw new UserError(`--only ${name}: there is no such figure; --list names them all.`)
    for (const figure of figures) named.add(figure.name)
  }
  return named
}

function wholeNumber(option: string, value: string): number {
  const number = Number(value)
  if (Number.isInteger(number) && number >= 1 && number <= maxRounds) return number
  throw new UserError(`${option} ${value} does not work: it takes a whole number from 1 to ${maxRounds}.`)
}

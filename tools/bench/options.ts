import { UserError } from '@/tools/process/errors'
import { readOptions, readWholeNumber } from '@/tools/testing/options'
import type { Family } from './figure'

/** The options of `npm run bench`. */
export interface BenchOptions {
  rounds: number
  isQuick: boolean
  isStrict: boolean
  /** Names of the figures to measure; null means all. */
  only: ReadonlySet<string> | null
  /** Where to write the JSON report. */
  jsonFile: string | null
  isList: boolean
  isHelp: boolean
}

/** Parses a command line. Throws a UserError that names the invalid option. */
export function parseBenchOptions(args: string[], families: readonly Family[], usage: string): BenchOptions {
  const values = readOptions(
    args,
    {
      rounds: { type: 'string' },
      quick: { type: 'boolean', default: false },
      strict: { type: 'boolean', default: false },
      only: { type: 'string' },
      json: { type: 'string' },
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
    usage,
  )
  return {
    rounds: readWholeNumber('--rounds', values.rounds ?? (values.quick ? '1' : '5'), 1, 99),
    isQuick: values.quick,
    isStrict: values.strict,
    only: values.only === undefined ? null : findFigures(values.only, families),
    jsonFile: values.json ?? null,
    isList: values.list,
    isHelp: values.help,
  }
}

/** Returns the figures of a list with commas. The name of a family selects all of its figures. */
function findFigures(list: string, families: readonly Family[]): Set<string> {
  const selected = new Set<string>()
  for (const name of list.split(',').map((part) => part.trim())) {
    const figures = families.flatMap((family) =>
      family.figures.filter((figure) => [figure.name, family.name].includes(name)),
    )
    if (figures.length === 0) {
      throw new UserError(`Invalid value: --only ${name}. Use names of figures or families; --list shows the figures.`)
    }
    for (const figure of figures) selected.add(figure.name)
  }
  return selected
}

import { type ParseArgsOptionsConfig, parseArgs } from 'node:util'
import { UserError } from '@/tools/process/errors'

/** Parses a command line. Throws a UserError that names an unknown or incomplete option and shows the usage. */
export function readOptions<const Options extends ParseArgsOptionsConfig>(
  args: string[],
  options: Options,
  usage: string,
) {
  try {
    return parseArgs({ args, options }).values
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    throw new UserError(`${error.message}.`, usage, { cause: error })
  }
}

/** Parses a number from `min` to `max`, both included. Throws a UserError that names the option. */
export function readNumber(option: string, value: string, min: number, max: number, kind = 'number'): number {
  const number = Number(value)
  const isKind = kind === 'number' || Number.isInteger(number)
  if (value.trim() !== '' && isKind && number >= min && number <= max) return number
  throw new UserError(`Invalid value: ${option} ${value}. Use a ${kind} from ${min} to ${max}.`)
}

export function readWholeNumber(option: string, value: string, min: number, max: number): number {
  return readNumber(option, value, min, max, 'whole number')
}

/** Parses one of a few names. Throws a UserError that lists them. */
export function readName<Name extends string>(option: string, value: string, names: readonly Name[], usage = ''): Name {
  const name = names.find((known) => known === value)
  if (name) return name
  throw new UserError(`Invalid value: ${option} ${value}. Use ${names.join(' or ')}.`, usage)
}

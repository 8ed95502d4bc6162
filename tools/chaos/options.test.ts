import { expect, test } from 'vitest'
import { UserError } from '@/tools/process/errors'
import { parseChaosOptions } from './options'

const parse = (...args: string[]) => parseChaosOptions(args, 'usage')

test('derives the minimum of flows and kills from the minutes, unless it is given', () => {
  expect(parse('--minutes', '30')).toMatchObject({ minFlows: 10_000, minKills: 200 })
  expect(parse('--minutes', '3')).toMatchObject({ minFlows: 1000, minKills: 20 })
  expect(parse('--minutes', '0.5', '--min-flows', '7', '--min-kills', '0')).toMatchObject({ minFlows: 7, minKills: 0 })
})

test.each([
  ['--minutes', '0'],
  ['--minutes', ''],
  ['--seed', '1.5'],
  ['--hosts', '2'],
  ['--store', 'aws'],
  ['--sign-in', 'proxy'],
])('rejects %s "%s" and names the option', (option, value) => {
  expect(() => parse(option, value)).toThrow(UserError)
  expect(() => parse(option, value)).toThrow(`Invalid value: ${option} ${value}. Use `)
})

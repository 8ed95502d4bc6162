import { expect, test } from 'vitest'
import { UserError } from '@/tools/process/errors'
import { parseChaosOptions } from './options'

const parse = (...args: string[]) => parseChaosOptions(args, 'usage')

test('derives the least flows and kills from the minutes, unless they are given', () => {
  expect(parse('--minutes', '30')).toMatchObject({ minFlows: 10_000, minKills: 200 })
  expect(parse('--minutes', '3')).toMatchObject({ minFlows: 1000, minKills: 20 })
  expect(parse('--minutes', '0.5', '--min-flows', '7', '--min-kills', '0')).toMatchObject({ minFlows: 7, minKills: 0 })
})

test.each([
  [['--minutes', '0'], '--minutes 0'],
  [['--minutes', ''], '--minutes'],
  [['--seed', '1.5'], '--seed 1.5'],
  [['--hosts', '2'], '--hosts 2'],
  [['--store', 'aws'], '--store aws'],
  [['--fast'], '--fast'],
])('rejects %j by name', (args, named) => {
  expect(() => parse(...args)).toThrow(UserError)
  expect(() => parse(...args)).toThrow(named)
})

import { expect, test } from 'vitest'
import { UserError } from '@/tools/process/errors'
import type { Family } from './figure'
import { parseBenchOptions } from './options'

const figure = (name: string) => ({ name, unit: '', goal: null, better: 'lower' as const, about: '' })
const families: Family[] = [
  { name: 'memory', figures: [figure('memory-baseline'), figure('memory-lost')], run: async () => [] },
  { name: 'ipx', figures: [figure('ipx'), figure('ipx-rate')], run: async () => [] },
]
const parse = (...args: string[]) => parseBenchOptions(args, families, 'usage')

test('runs five rounds by default, one with --quick, and the given number otherwise', () => {
  expect(parse()).toMatchObject({ rounds: 5, isQuick: false, isStrict: false, only: null, jsonFile: null })
  expect(parse('--quick').rounds).toBe(1)
  expect(parse('--quick', '--rounds', '3').rounds).toBe(3)
})

test('--only selects figures by their names and by the names of their families', () => {
  expect([...(parse('--only', 'memory-lost').only ?? [])]).toEqual(['memory-lost'])
  expect([...(parse('--only', 'memory,ipx-rate').only ?? [])]).toEqual(['memory-baseline', 'memory-lost', 'ipx-rate'])
})

test.each([
  ['--only', 'speed'],
  ['--rounds', '0'],
  ['--rounds', 'many'],
])('rejects %s "%s" and names the option', (option, value) => {
  expect(() => parse(option, value)).toThrow(UserError)
  expect(() => parse(option, value)).toThrow(`Invalid value: ${option} ${value}. Use `)
})

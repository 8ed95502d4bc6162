import { stripVTControlCharacters } from 'node:util'
import { expect, test } from 'vitest'
import { worthShowing } from './process-log'

test.each([
  ['a warning of pino', '{"level":40,"msg":"slow store"}', 'stdout', 'warning: slow store'],
  [
    'an error of pino with its cause',
    '{"level":50,"msg":"failed","err":{"message":"reset"}}',
    'stdout',
    'error: failed (reset)',
  ],
  ['what pino says in passing', '{"level":30,"msg":"saved"}', 'stdout', null],
  ['plain text on stdout', '✓ Ready in 200ms', 'stdout', null],
  ['plain text on stderr', 'TypeError: x is not a function', 'stderr', 'TypeError: x is not a function'],
  ['an empty line on stderr', ' ', 'stderr', null],
  ['something in braces on stderr', '{ not json', 'stderr', '{ not json'],
] as const)('%s', (_what, line, from, shown) => {
  const text = worthShowing(line, from)

  expect(text === null ? null : stripVTControlCharacters(text)).toBe(shown)
})

import { stripVTControlCharacters } from 'node:util'
import { expect, test } from 'vitest'
import { formatForTerminal } from './process-log'

test.each([
  ['shows a warning of pino', '{"level":40,"msg":"slow store"}', 'stdout', 'warning: slow store'],
  [
    'shows an error of pino with its cause',
    '{"level":50,"msg":"failed","err":{"message":"reset"}}',
    'stdout',
    'error: failed (reset)',
  ],
  ['hides an info line of pino', '{"level":30,"msg":"saved"}', 'stdout', null],
  ['hides plain text on stdout', '✓ Ready in 200ms', 'stdout', null],
  ['shows plain text on stderr', 'TypeError: x is not a function', 'stderr', 'TypeError: x is not a function'],
  ['hides an empty line on stderr', ' ', 'stderr', null],
  ['shows a line on stderr that starts like JSON', '{ not json', 'stderr', '{ not json'],
] as const)('%s', (_what, line, from, expected) => {
  const text = formatForTerminal(line, from)

  expect(text === null ? null : stripVTControlCharacters(text)).toBe(expected)
})

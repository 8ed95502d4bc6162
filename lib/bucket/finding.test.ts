import { expect, test } from 'vitest'
import { type Finding, formatAsJson, formatFindings, hasFailed } from './finding'

const findings: Finding[] = [
  { verdict: 'ok', check: 'store', bucket: 'photos', message: 'The host can list the bucket.' },
  { verdict: 'warning', check: 'clock', bucket: 'my-covers', message: 'Two\n  lines.', fix: 'Run\n{"a":1}' },
  { verdict: 'unchecked', check: 'region', message: 'No bucket.' },
]

test('prints one line per finding, with the fix at its end', () => {
  expect(formatFindings(findings)).toBe(
    [
      'ok         photos     store   The host can list the bucket.',
      'warning    my-covers  clock   Two lines. Fix: Run {"a":1}',
      'unchecked             region  No bucket.',
      '',
    ].join('\n'),
  )
})

test('prints the same findings as JSON', () => {
  expect(JSON.parse(formatAsJson(findings))).toEqual(findings)
})

test('fails for a failed finding, and not for a warning', () => {
  expect(hasFailed(findings)).toBe(false)
  expect(hasFailed([...findings, { verdict: 'failed', check: 'cors', message: '' }])).toBe(true)
})

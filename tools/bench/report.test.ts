import { expect, test } from 'vitest'
import type { FigureSpec } from './figure'
import { formatTable, formatValue, isMet, type Outcome, reported, toJson } from './report'

const fast: FigureSpec = { name: 'fast', unit: '×', goal: 3.3, better: 'higher', about: '' }
const small: FigureSpec = { name: 'small', unit: 'MB', goal: 350, better: 'lower', about: '' }
const plain: FigureSpec = { name: 'plain', unit: 'ms', goal: null, better: 'lower', about: '' }

const measuredAs = (spec: FigureSpec, value: number): Outcome => ({
  spec,
  state: 'measured',
  measurement: { name: spec.name, value, spread: 0.1, note: 'because' },
})

test('meets a goal from its better side, and by an equal value', () => {
  expect(isMet(3.3, 3.3, 'higher')).toBe(true)
  expect(isMet(3.29, 3.3, 'higher')).toBe(false)
  expect(isMet(350, 350, 'lower')).toBe(true)
  expect(isMet(351, 350, 'lower')).toBe(false)
})

test('reports a figure without a goal as neither met nor missed', () => {
  expect(reported(measuredAs(plain, 12)).met).toBeNull()
})

test('counts a failed figure as missed, and a skipped one as neither', () => {
  expect(reported({ spec: fast, state: 'failed', cause: 'no store' })).toMatchObject({ value: null, met: false })
  expect(reported({ spec: fast, state: 'skipped', why: 'no Ceph' })).toMatchObject({ value: null, met: null })
})

test('writes the JSON of docs/performance.md, with failed and skipped figures', () => {
  const outcomes: Outcome[] = [
    measuredAs(fast, 3.5),
    measuredAs(plain, 12),
    { spec: small, state: 'failed', cause: 'a host did not start' },
    { spec: { ...small, name: 'other' }, state: 'skipped', why: 'no Ceph' },
  ]
  const json = JSON.parse(JSON.stringify(toJson(outcomes, { rounds: 5, isQuick: false, noise: 0.2 })))
  expect(json.figures).toEqual([
    { name: 'fast', unit: '×', value: 3.5, goal: 3.3, better: 'higher', met: true },
    { name: 'plain', unit: 'ms', value: 12, goal: null, better: 'lower', met: null },
    { name: 'small', unit: 'MB', value: null, goal: 350, better: 'lower', met: false },
    { name: 'other', unit: 'MB', value: null, goal: 350, better: 'lower', met: null },
  ])
  expect(json.failed).toEqual([{ name: 'small', cause: 'a host did not start' }])
  expect(json.skipped).toEqual([{ name: 'other', why: 'no Ceph' }])
  expect(json.details).toContainEqual({ name: 'fast', spread: 0.1, note: 'because' })
})

test('aligns the table in columns and marks a missed goal', () => {
  const lines = formatTable([measuredAs(fast, 3.1), measuredAs(small, 300)]).split('\n')
  expect(lines[1]).toMatch(/^fast +3\.1 × +10 % +≥ 3\.3 +MISSED +because$/)
  expect(lines[2]).toMatch(/^small +300 MB +10 % +≤ 350 +met +because$/)
  expect(lines[1]?.indexOf('≥')).toBe(lines[2]?.indexOf('≤'))
})

test.each([
  [2.34567, '2.35'],
  [0.0423, '0.0423'],
  [99.96, '100'],
  [1234.5, '1235'],
  [0, '0'],
])('formats %d as %s', (value, text) => {
  expect(formatValue(value)).toBe(text)
})

import { expect, test } from 'vitest'
import type { Bench, Family, FigureSpec } from './figure'
import { runFamilies } from './run-families'

const figure = (name: string): FigureSpec => ({ name, unit: '×', goal: 1, better: 'higher', about: '' })
const measurement = (name: string, value: number) => ({ name, value, spread: null, note: '' })

const good: Family = {
  name: 'good',
  figures: [figure('one'), figure('two')],
  run: async () => [measurement('one', 1), measurement('two', 2)],
}
const bad: Family = {
  name: 'bad',
  figures: [figure('three')],
  run: async () => {
    throw new Error('the store is gone\nand more')
  },
}
const missing: Family = { ...bad, name: 'missing', figures: [figure('four')], whySkipped: () => 'no Ceph' }
const incomplete: Family = {
  ...good,
  name: 'incomplete',
  figures: [figure('one'), figure('five')],
  run: async () => [measurement('one', Number.NaN)],
}

const benchThatWants = (wants: (name: string) => boolean) =>
  ({ wants, log: () => {}, signal: new AbortController().signal }) as unknown as Bench

test('fails the figures of a family that throws, and continues with the others', async () => {
  const outcomes = await runFamilies(
    [bad, missing, good],
    benchThatWants(() => true),
  )
  expect(outcomes.map(({ spec, ...outcome }) => [spec.name, outcome])).toMatchObject([
    ['three', { state: 'failed', cause: 'the store is gone' }],
    ['four', { state: 'skipped', why: 'no Ceph' }],
    ['one', { state: 'measured' }],
    ['two', { state: 'measured' }],
  ])
})

test('reports only the wanted figures, and does not run a family without any', async () => {
  const logged: string[] = []
  const bench = { ...benchThatWants((name) => name === 'two'), log: (line: string) => void logged.push(line) }
  const outcomes = await runFamilies([bad, good], bench)
  expect(logged).toEqual(['good …'])
  expect(outcomes.map(({ spec }) => spec.name)).toEqual(['two'])
})

test('fails a figure that is missing or not a number', async () => {
  const outcomes = await runFamilies(
    [incomplete],
    benchThatWants(() => true),
  )
  expect(outcomes.map(({ state }) => state)).toEqual(['failed', 'failed'])
})

test('stops when the run is interrupted', async () => {
  const ending = new AbortController()
  const last: Family = {
    ...good,
    run: async () => {
      ending.abort(new Error('ended'))
      throw new Error('the host is gone')
    },
  }
  const next: Family = { ...bad, run: () => expect.fail('ran after the interruption') }
  const bench = { ...benchThatWants(() => true), signal: ending.signal }
  await expect(runFamilies([last, next], bench)).rejects.toThrow('ended')
})

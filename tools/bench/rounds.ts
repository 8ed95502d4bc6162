import { performance } from 'node:perf_hooks'
import pMap from 'p-map'
import type { Measurement } from './figure'

/** The work of one side in one round. */
export interface Sample {
  /** The number of crops, requests or journeys. */
  count: number
  /** CPU time of the measured process, of all threads, in milliseconds. */
  cpuMs: number
  wallMs: number
}

/**
 * Runs some work for every item and measures it.
 * @param cpuMs returns the CPU time of the measured process so far
 */
export async function takeSample<Item>(
  items: readonly Item[],
  work: (item: Item, index: number) => Promise<unknown>,
  { cpuMs, concurrency }: { cpuMs: () => number; concurrency: number },
): Promise<Sample> {
  const startedAt = performance.now()
  const cpuBefore = cpuMs()
  await pMap(items, work, { concurrency })
  return { count: items.length, cpuMs: cpuMs() - cpuBefore, wallMs: performance.now() - startedAt }
}

/** Returns the middle value, or the mean of the two in the middle. @throws for an empty list */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new Error('the median of nothing')
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2
}

/** Returns (largest − smallest) ÷ median, or null for fewer than two values. */
export function spread(values: readonly number[]): number | null {
  if (values.length < 2) return null
  return (Math.max(...values) - Math.min(...values)) / median(values)
}

/**
 * Runs all sides in turn, round after round, so that noise of the machine affects each side alike. Round 0 warms them
 * up and does not count.
 * @param onRound called before each round that counts
 */
export async function alternate<Side extends string>(
  { rounds, onRound }: { rounds: number; onRound: () => void },
  sides: Record<Side, (round: number) => Promise<Sample>>,
): Promise<Record<Side, Sample[]>> {
  const names = Object.keys(sides) as Side[]
  const samples = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<Side, Sample[]>
  for (const name of names) await sides[name](0)
  for (let round = 1; round <= rounds; round += 1) {
    onRound()
    for (const name of names) samples[name].push(await sides[name](round))
  }
  return samples
}

export const cpuMsEach = ({ cpuMs, count }: Sample): number => cpuMs / count

export const wallMsEach = ({ wallMs, count }: Sample): number => wallMs / count

/** Divides one cost by another, round by round. */
export function ratios(
  over: readonly Sample[],
  under: readonly Sample[],
  costOf: (sample: Sample) => number,
): number[] {
  return over.map((sample, round) => costOf(sample) / costOf(under[round] as Sample))
}

/** Builds a measurement: the median of the rounds, and their spread. */
export function measured(name: string, values: readonly number[], note: string): Measurement {
  return { name, value: median(values), spread: spread(values), note }
}

/** Describes both sides of a ratio, such as `naive 319 ms, engine 103 ms`. */
export function describeSides(
  sides: Record<string, readonly Sample[]>,
  costOf: (sample: Sample) => number,
  digits = 0,
): string {
  return Object.entries(sides)
    .map(([name, samples]) => `${name} ${median(samples.map(costOf)).toFixed(digits)} ms`)
    .join(', ')
}

import { createHash } from 'node:crypto'
import { seededRandom } from '@/tools/testing/random'

/** Random choices. The same seed repeats them. */
export interface Choices {
  /** Returns true with this probability, from 0 to 1. */
  chance(probability: number): boolean
  /** Returns a number from `min` up to `max`. */
  between(min: number, max: number): number
  /** Returns a whole number from `min` to `max`, both included. */
  whole(min: number, max: number): number
  pick<T>(all: readonly T[]): T
  /** Returns one of the names, in proportion to their weights. */
  weighted<Name extends string>(weights: Record<Name, number>): Name
}

/** Creates a stream of choices for a name. It does not depend on other streams or on timing. */
export function choicesOf(seed: number, name: string): Choices {
  const random = seededRandom(createHash('sha256').update(`${seed} ${name}`).digest().readUInt32LE())
  const between = (min: number, max: number) => min + random() * (max - min)
  const whole = (min: number, max: number) => Math.floor(between(min, max + 1))
  return {
    chance: (probability) => random() < probability,
    between,
    whole,
    pick<T>(all: readonly T[]): T {
      if (all.length === 0) throw new Error('nothing to choose from')
      return all[whole(0, all.length - 1)] as T
    },
    weighted(weights) {
      const entries = Object.entries<number>(weights) as [keyof typeof weights, number][]
      let left = random() * entries.reduce((sum, [, weight]) => sum + weight, 0)
      for (const [name, weight] of entries) {
        left -= weight
        if (left < 0) return name
      }
      return (entries.at(-1) as (typeof entries)[number])[0]
    },
  }
}

import { createHash } from 'node:crypto'
import { performance } from 'node:perf_hooks'
import { median, spread } from './rounds'

const block = Buffer.alloc(1_000_000, 7)
const blocks = 40

/** How much the speed of the machine varied during a run. */
export interface Noise {
  /** Times a loop of fixed length once, for 0.1 s or less. */
  sample(): void
  /** (largest − smallest) ÷ median of all loops so far; null for fewer than two. */
  spread(): number | null
  /** Returns a sentence for the terminal. */
  describe(): string
}

/** Times the same work repeatedly. Differences come from the machine. */
export function createNoise(): Noise {
  const times: number[] = []
  return {
    sample() {
      const startedAt = performance.now()
      const hash = createHash('sha256')
      for (let count = 0; count < blocks; count += 1) hash.update(block)
      hash.digest()
      times.push(performance.now() - startedAt)
    },
    spread: () => spread(times),
    describe() {
      const width = spread(times)
      if (width === null) return 'Machine noise: not known, as there were fewer than two rounds.'
      const [min, max] = [Math.min(...times), Math.max(...times)].map((time) => time.toFixed(0))
      const middle = median(times).toFixed(0)
      const percent = Math.round(width * 100)
      return `Machine noise: a loop of fixed length took ${min} to ${max} ms, median ${middle} ms, spread ${percent} %.`
    },
  }
}

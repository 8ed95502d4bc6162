import { createHash } from 'node:crypto'
import { performance } from 'node:perf_hooks'
import { median, spread } from './rounds'

const block = Buffer.alloc(1_000_000, 7)
const blocks = 40

/** How unsteady the machine was during a run. */
export interface Noise {
  /** Runs a loop of a fixed length once, a tenth of a second or less. */
  sample(): void
  /** (largest − smallest) ÷ median of all loops so far, by the clock; null for fewer than two. */
  spread(): number | null
  /** In words. */
  describe(): string
}

/** Times the same piece of work again and again: whatever else it takes is the machine's doing. */
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
      if (width === null) return 'Noise of the machine: no rounds.'
      const [least, most] = [Math.min(...times), Math.max(...times)].map((time) => time.toFixed(0))
      const percent = Math.round(width * 100)
      return `Noise of the machine: a loop of a fixed length took ${least} to ${most} ms, ${median(times).toFixed(0)} ms in the middle: a spread of ${percent} %.`
    },
  }
}

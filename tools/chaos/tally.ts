/** Counts what happened in a run. */
export class Tally {
  flows = 0
  retries = 0
  kills = 0
  stops = 0
  drains = 0
  rolls = 0
  /** Hosts that exited: see fleet.ts. */
  exits = 0
  /** Durations in milliseconds, with retries and waits, by the name of the step. */
  readonly steps: Record<string, number[]> = {}
  /** The number of retries, by reason. */
  readonly retriesFor: Record<string, number> = {}

  step(name: string, ms: number): void {
    this.steps[name] ??= []
    this.steps[name].push(ms)
  }

  retry(why: string): void {
    this.retries += 1
    this.retriesFor[why] = (this.retriesFor[why] ?? 0) + 1
  }
}

/** Returns the time within which a share of the steps finished. @param share from 0 to 1 */
export function quantile(times: readonly number[], share: number): number {
  const sorted = [...times].sort((one, other) => one - other)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}

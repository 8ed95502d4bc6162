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
  /** In milliseconds, retries and waits included, by the step's name. */
  readonly steps: Record<string, number[]> = {}
  /** How often tries were repeated, by reason. */
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

/** The time within which this share of the steps was done. @param share from 0 to 1 */
export function quantile(times: readonly number[], share: number): number {
  const sorted = [...times].sort((one, other) => one - other)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}

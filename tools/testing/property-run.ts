/** It has found a fault once. */
const seedInCi = 298_095_299

/**
 * Seed and number of runs of property tests, by `FLOWS_SEED` and `FLOWS_RUNS`. A seed that is given is one that failed:
 * its failure is then made smaller, which takes its time. Without one, the steps are others each time, but in CI: a
 * change is judged there by what it did, and not by what chance had kept back so far.
 */
export function propertyRun(): { seed: number; runs: number; shrinks: boolean } {
  const { CI, FLOWS_SEED, FLOWS_RUNS } = process.env
  const chosen = CI ? seedInCi : Math.floor(Math.random() * 2 ** 31)
  const seed = FLOWS_SEED ? Number(FLOWS_SEED) : chosen
  const runs = FLOWS_RUNS ? Number(FLOWS_RUNS) : 12
  if (!Number.isInteger(seed) || !Number.isInteger(runs)) throw new Error('FLOWS_SEED and FLOWS_RUNS are whole numbers')
  return { seed, runs, shrinks: Boolean(FLOWS_SEED) }
}

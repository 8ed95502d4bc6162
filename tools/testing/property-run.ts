/** This seed once found a bug. */
const seedInCi = 298_095_299

/**
 * Returns the seed and the number of runs of property tests, from `FLOWS_SEED` and `FLOWS_RUNS`. A given seed is one that
 * failed, so its failure is shrunk, which takes a while. The default seed is random, and constant in CI, so that CI
 * fails because of a change and not by chance.
 */
export function propertyRun(): { seed: number; runs: number; shrinks: boolean } {
  const { CI, FLOWS_SEED, FLOWS_RUNS } = process.env
  const chosen = CI ? seedInCi : Math.floor(Math.random() * 2 ** 31)
  const seed = FLOWS_SEED ? Number(FLOWS_SEED) : chosen
  const runs = FLOWS_RUNS ? Number(FLOWS_RUNS) : 12
  if (!Number.isInteger(seed) || !Number.isInteger(runs))
    throw new Error('FLOWS_SEED and FLOWS_RUNS must be whole numbers')
  return { seed, runs, shrinks: Boolean(FLOWS_SEED) }
}

import type { Bench, Family } from './figure'
import type { Outcome } from './report'

/**
 * Measures the wanted figures of all families, one after another. If a family throws, its figures fail with the cause,
 * and the others continue.
 * @throws if the run is interrupted
 */
export async function runFamilies(families: readonly Family[], bench: Bench): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  for (const family of families) {
    const wanted = family.figures.filter(({ name }) => bench.wants(name))
    if (wanted.length === 0) continue
    outcomes.push(...(await runFamily(family, wanted, bench)))
    bench.signal.throwIfAborted()
  }
  return outcomes
}

async function runFamily(family: Family, wanted: Family['figures'], bench: Bench): Promise<Outcome[]> {
  const why = family.whySkipped?.() ?? null
  if (why !== null) return wanted.map((spec) => ({ spec, state: 'skipped', why }))
  bench.log(`${family.name} …`)
  try {
    const measurements = await family.run(bench)
    return wanted.map((spec): Outcome => {
      const measurement = measurements.find(({ name }) => name === spec.name)
      if (!measurement || !Number.isFinite(measurement.value))
        return { spec, state: 'failed', cause: 'the family returned no number' }
      return { spec, state: 'measured', measurement }
    })
  } catch (error) {
    // An interrupted run ends hosts and stores, so later errors mean nothing.
    bench.signal.throwIfAborted()
    const cause = describe(error)
    bench.log(`${family.name} failed: ${cause}`)
    return wanted.map((spec) => ({ spec, state: 'failed', cause }))
  }
}

function describe(error: unknown): string {
  const [line = ''] = (error instanceof Error ? error.message || error.name : String(error)).split('\n')
  return line
}

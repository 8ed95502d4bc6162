import type { Ledger } from './ledger'
import { quantile, type Tally } from './tally'

/** The options of a run, and its minimum of flows and kills. */
export interface Terms {
  seed: number
  minutes: number
  store: string
  hosts: number
  signIn: string
  /** A run with fewer proves nothing, and fails. */
  minFlows: number
  minKills: number
}

/** The result of a run. */
export type Report = ReturnType<typeof reportOn>

/** Builds the report of a run. @param faults how often each kind was injected */
export function reportOn(terms: Terms, tally: Tally, ledger: Ledger, faults: Record<string, number>) {
  const { flows, kills, stops, drains, rolls, exits, retries, retriesFor } = tally
  const findings = {
    lost: ledger.count('lost'),
    wrong: ledger.count('wrong'),
    stuck: ledger.count('stuck'),
    orphans: ledger.count('orphan'),
  }
  const shortfalls = [
    ...(flows < terms.minFlows ? [`${flows} flows of ${terms.minFlows}`] : []),
    ...(kills < terms.minKills ? [`${kills} kills of ${terms.minKills}`] : []),
    // Every seed has these within three minutes.
    ...(terms.minutes < 3 ? [] : Object.entries({ stops, rolls, faults: sumOf(faults) }))
      .filter(([, count]) => count === 0)
      .map(([name]) => `no ${name}`),
  ]
  const steps = Object.entries(tally.steps).map(([name, times]) => [
    name,
    { count: times.length, p50Ms: Math.round(quantile(times, 0.5)), p99Ms: Math.round(quantile(times, 0.99)) },
  ])
  return {
    ok: shortfalls.length === 0 && Object.values(findings).every((count) => count === 0),
    ...terms,
    people: ledger.accounts.length,
    flows,
    kills,
    stops,
    drains,
    rolls,
    exits,
    faults: sumOf(faults),
    faultsByKind: faults,
    retries,
    retriesFor,
    ...findings,
    shortfalls,
    steps: Object.fromEntries(steps) as Record<string, { count: number; p50Ms: number; p99Ms: number }>,
  }
}

function sumOf(counts: Record<string, number>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0)
}

/** Formats the report for a terminal. */
export function formatReport(report: Report): string {
  const { flows, kills, stops, drains, rolls, exits, faults, retries, lost, wrong, stuck, orphans } = report
  const steps = Object.entries(report.steps)
  const width = Math.max(...steps.map(([name]) => name.length), 'step'.length)
  const cell = (value: number | string) => String(value).padStart(8)
  const counts = (all: Record<string, number>) =>
    Object.entries(all)
      .filter(([, count]) => count > 0)
      .sort(([, one], [, other]) => other - one)
      .map(([name, count]) => `${name} ${count}`)
      .join(', ')
  return [
    `${'step'.padEnd(width)} ${cell('count')} ${cell('p50 ms')} ${cell('p99 ms')}`,
    ...steps.map(
      ([name, { count, p50Ms, p99Ms }]) => `${name.padEnd(width)} ${cell(count)} ${cell(p50Ms)} ${cell(p99Ms)}`,
    ),
    '',
    `flows ${flows} of ${report.people} people · kills ${kills} · stops ${stops} · drains ${drains} · rolls ${rolls}`,
    `hosts that exited and were restarted: ${exits}`,
    `faults ${faults}: ${counts(report.faultsByKind)}`,
    `retries ${retries}: ${counts(report.retriesFor)}`,
    '',
    `lost: ${lost} · wrong: ${wrong} · stuck: ${stuck} · orphans: ${orphans}`,
    ...report.shortfalls.map((shortfall) => `Not enough: ${shortfall}.`),
  ].join('\n')
}

/** Formats the histories of the people with findings. @param max number of full histories */
export function formatHistories(ledger: Ledger, max = 5): string {
  const accounts = ledger.accounts.filter(({ findings }) => findings.length > 0)
  const histories = accounts.slice(0, max).map(({ name, uid, history }) => [`${name}, ${uid}`, ...history].join('\n'))
  const others = accounts
    .slice(max)
    .flatMap(({ name, findings }) => findings.map(({ kind, what }) => `${name}: ${kind}: ${what}`))
  return [...histories, ...others].join('\n\n')
}

import type { FigureSpec, Measurement } from './figure'

/** A figure in the JSON report (docs/performance.md). */
export interface ReportedFigure {
  name: string
  unit: string
  /** Null if it was not measured. */
  value: number | null
  goal: number | null
  better: 'higher' | 'lower'
  /** Null if it has no goal or was skipped. */
  met: boolean | null
}

/** The outcome of one figure. */
export type Outcome = { spec: FigureSpec } & (
  | { state: 'measured'; measurement: Measurement }
  | { state: 'skipped'; why: string }
  | { state: 'failed'; cause: string }
)

/** Returns whether a value meets the goal. A value equal to the goal meets it. */
export function isMet(value: number, goal: number, better: 'higher' | 'lower'): boolean {
  return better === 'higher' ? value >= goal : value <= goal
}

export function reported(outcome: Outcome): ReportedFigure {
  const { name, unit, goal, better } = outcome.spec
  const value = outcome.state === 'measured' ? outcome.measurement.value : null
  const isJudged = goal !== null && outcome.state !== 'skipped'
  return { name, unit, value, goal, better, met: isJudged ? value !== null && isMet(value, goal, better) : null }
}

/** Builds the report of `--json` (docs/performance.md): the figures, then details of each. */
export function toJson(outcomes: readonly Outcome[], run: { rounds: number; isQuick: boolean; noise: number | null }) {
  return {
    figures: outcomes.map(reported),
    run,
    details: outcomes.flatMap(({ spec, ...outcome }) =>
      outcome.state === 'measured'
        ? [{ name: spec.name, spread: outcome.measurement.spread, note: outcome.measurement.note }]
        : [],
    ),
    skipped: outcomes.flatMap(({ spec, ...outcome }) =>
      outcome.state === 'skipped' ? [{ name: spec.name, why: outcome.why }] : [],
    ),
    failed: outcomes.flatMap(({ spec, ...outcome }) =>
      outcome.state === 'failed' ? [{ name: spec.name, cause: outcome.cause }] : [],
    ),
  }
}

/** Formats the table for a terminal: one line for each figure, in aligned columns. */
export function formatTable(outcomes: readonly Outcome[]): string {
  const rows = outcomes.map((outcome) => {
    const { name, goal, better, unit } = outcome.spec
    const { value, met } = reported(outcome)
    const goalText = goal === null ? '–' : `${better === 'higher' ? '≥' : '≤'} ${goal}`
    const metText = met === null ? '' : met ? 'met' : 'MISSED'
    if (outcome.state === 'measured' && value !== null) {
      const { spread, note } = outcome.measurement
      return [name, `${formatValue(value)} ${unit}`, formatSpread(spread), goalText, metText, note]
    }
    if (outcome.state === 'skipped') return [name, '–', '', goalText, 'skipped', outcome.why]
    return [name, '–', '', goalText, 'FAILED', outcome.state === 'failed' ? outcome.cause : '']
  })
  return alignColumns([['figure', 'value', 'spread', 'goal', '', 'details'], ...rows])
}

/** Formats a value with three significant digits, or as a whole number from 100 up. */
export function formatValue(value: number): string {
  if (Math.abs(value) >= 100) return String(Math.round(value))
  return Number(value.toPrecision(3)).toString()
}

/** Formats a spread as a percentage: the full width, not ±. */
export function formatSpread(spread: number | null): string {
  return spread === null ? '' : `${Math.round(spread * 100)} %`
}

function alignColumns(rows: readonly string[][]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)))
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

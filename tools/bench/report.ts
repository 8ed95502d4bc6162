import type { FigureSpec, Measurement } from './figure'

/** A figure as the JSON has it (contract, "npm scripts"). */
export interface ReportedFigure {
  name: string
  unit: string
  /** Null where it could not be measured. */
  value: number | null
  goal: number | null
  better: 'higher' | 'lower'
  /** Null where there is no goal, or where it was skipped. */
  met: boolean | null
}

/** How a figure went. */
export type Outcome = { spec: FigureSpec } & (
  | { state: 'measured'; measurement: Measurement }
  | { state: 'skipped'; why: string }
  | { state: 'failed'; cause: string }
)

/** Whether a value reaches the goal; one that just reaches it does. */
export function isMet(value: number, goal: number, better: 'higher' | 'lower'): boolean {
  return better === 'higher' ? value >= goal : value <= goal
}

export function reported(outcome: Outcome): ReportedFigure {
  const { name, unit, goal, better } = outcome.spec
  const value = outcome.state === 'measured' ? outcome.measurement.value : null
  const isJudged = goal !== null && outcome.state !== 'skipped'
  return { name, unit, value, goal, better, met: isJudged ? value !== null && isMet(value, goal, better) : null }
}

/** What `--json` writes: the figures of the contract, and beside them what stands behind each. */
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

/** The table for a terminal: a line for each figure, in aligned columns. */
export function formatTable(outcomes: readonly Outcome[]): string {
  const rows = outcomes.map((outcome) => {
    const { name, goal, better, unit } = outcome.spec
    const { value, met } = reported(outcome)
    const goalText = goal === null ? '–' : `${better === 'higher' ? '≥' : '≤'} ${goal}`
    const metText = met === null ? '' : met ? 'met' : 'MISSED'
    if (outcome.state === 'measured' && value !== null) {
      const { spread, note } = outcome.measurement
      return [name, `${formatValue(value)} ${unit}`, formatShare(spread), goalText, metText, note]
    }
    if (outcome.state === 'skipped') return [name, '–', '', goalText, 'skipped', outcome.why]
    return [name, '–', '', goalText, 'FAILED', outcome.state === 'failed' ? outcome.cause : '']
  })
  return alignColumns([['figure', 'value', 'spread', 'goal', '', 'behind it'], ...rows])
}

/** Three figures that count, and whole numbers from a hundred up. */
export function formatValue(value: number): string {
  if (Math.abs(value) >= 100) return String(Math.round(value))
  return Number(value.toPrecision(3)).toString()
}

/** A part of one as a percentage: ` ± ` is not meant, it is the whole width. */
export function formatShare(share: number | null): string {
  return share === null ? '' : `${Math.round(share * 100)} %`
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

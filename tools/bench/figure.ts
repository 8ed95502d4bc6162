import type { Host, Site } from './site'

/** One line of the table. `--only` and the JSON use its name. */
export interface FigureSpec {
  name: string
  unit: string
  /** Null: the value is only reported. */
  goal: number | null
  better: 'higher' | 'lower'
  /** A short description. */
  about: string
}

export function lowerIsBetter(name: string, unit: string, goal: number | null, about: string): FigureSpec {
  return { name, unit, goal, better: 'lower', about }
}

export function higherIsBetter(name: string, unit: string, goal: number | null, about: string): FigureSpec {
  return { name, unit, goal, better: 'higher', about }
}

/** The result of a figure. */
export interface Measurement {
  name: string
  value: number
  /** (largest − smallest) ÷ median over the rounds; null for one round. */
  spread: number | null
  /** How the value came about: both sides of a ratio, counts. */
  note: string
}

/** Figures that are measured together. */
export interface Family {
  name: string
  figures: readonly FigureSpec[]
  /** Returns why this machine cannot measure it, or null. */
  whySkipped?(): string | null
  /** Measures the wanted figures. An error fails all of them. */
  run(bench: Bench): Promise<Measurement[]>
}

/** The options and sites that families share. */
export interface Bench {
  rounds: number
  /** Returns `full`, or `quick` with `--quick`. */
  amount(full: number, quick: number): number
  wants(figure: string): boolean
  /** Called before each round. Times a loop of fixed length, which shows the noise of the machine. */
  onRound(): void
  /** The site on the bundled store, opened once for all families. */
  site(): Promise<Site>
  /** The first host of that site. Earlier families have used it. */
  host(): Promise<Host>
  /** Opens another site, on its own store. */
  openSite(store: 'bundled' | 'ceph'): Promise<Site>
  log(line: string): void
  /** Aborted when the run is interrupted. */
  signal: AbortSignal
}

import type { Host, Site } from './site'

/** One line of the table. The name is what `--only` takes and what the JSON says. */
export interface FigureSpec {
  name: string
  unit: string
  /** What the value is held against; null where it is only reported. */
  goal: number | null
  better: 'higher' | 'lower'
  /** What it is, in a few words. */
  about: string
}

/** What a figure came to. */
export interface Measurement {
  name: string
  value: number
  /** (largest − smallest) ÷ median over the rounds; null where there was one. */
  spread: number | null
  /** What stands behind the value: both sides of a ratio, counts. */
  note: string
}

/** Figures that are measured together. */
export interface Family {
  name: string
  figures: readonly FigureSpec[]
  /** Why it cannot be measured on this machine, or null. */
  whySkipped?(): string | null
  /** Measures those of its figures that are wanted. Whatever it throws fails all of them. */
  run(bench: Bench): Promise<Measurement[]>
}

/** What a family measures with. */
export interface Bench {
  rounds: number
  /** How often something is done: `full`, or `quick` under `--quick`. */
  amount(full: number, quick: number): number
  wants(figure: string): boolean
  /** Called before each round; runs a loop of a fixed length, whose differing shows the machine's noise. */
  onRound(): void
  /** The site on the bundled store, opened once for all families. */
  site(): Promise<Site>
  /** Its first host, which has been used by whatever ran before. */
  host(): Promise<Host>
  /** Another site, on a store of its own. */
  openSite(store: 'bundled' | 'ceph'): Promise<Site>
  log(line: string): void
  /** Aborted when somebody ends the run. */
  signal: AbortSignal
}

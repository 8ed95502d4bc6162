import { writeFile } from 'node:fs/promises'
import { performance } from 'node:perf_hooks'
import { runUntilInterrupted } from '@/tools/process/run'
import { families } from './families'
import type { Bench } from './figure'
import { createNoise } from './noise'
import { parseBenchOptions } from './options'
import { formatTable, type Outcome, reported, toJson } from './report'
import { runFamilies } from './run-families'
import { type Host, openSite, type Site } from './site'

const usage = `Usage: npm run bench -- [options]

Measures what the app costs, mostly as ratios of two sides. docs/performance.md explains each figure.

  --quick            one round with small counts: checks that the bench works
  --rounds N         number of rounds; ratios are their median (5)
  --only NAME,…      measure only these figures or families
  --json FILE        write the figures to a file, too
  --strict           exit with code 1 if a goal is missed
  --list             list all figures without measuring
  -h, --help         show this text`

await runUntilInterrupted(async (signal) => {
  const options = parseBenchOptions(process.argv.slice(2), families, usage)
  if (options.isHelp || options.isList) {
    console.log(options.isHelp ? usage : listFigures())
    process.exit(0)
  }
  const startedAt = performance.now()
  const noise = createNoise()
  const sites: Promise<Site>[] = []
  const open = (store: 'bundled' | 'ceph') => {
    signal.throwIfAborted()
    const opened = openSite(store, console.log)
    sites.push(opened)
    return opened
  }
  const closeAll = async () => {
    for (const opened of await Promise.allSettled(sites)) if (opened.status === 'fulfilled') await opened.value.close()
  }
  signal.addEventListener('abort', () => void closeAll())

  let site: Promise<Site> | undefined
  let host: Promise<Host> | undefined
  const bench: Bench = {
    rounds: options.rounds,
    amount: (full, quick) => (options.isQuick ? quick : full),
    wants: (name) => options.only?.has(name) ?? true,
    onRound: noise.sample,
    site: () => {
      site ??= open('bundled')
      return site
    },
    host: () => {
      host ??= bench.site().then((opened) => opened.startHost())
      return host
    },
    openSite: open,
    log: console.log,
    signal,
  }

  let outcomes: Outcome[]
  try {
    outcomes = await runFamilies(families, bench)
  } finally {
    await closeAll()
    // An interrupted run prints no table.
    if (signal.aborted) process.exit(130)
  }
  const run = { rounds: options.rounds, isQuick: options.isQuick, noise: noise.spread() }
  if (options.jsonFile) await writeFile(options.jsonFile, `${JSON.stringify(toJson(outcomes, run), null, 2)}\n`)
  const minutes = ((performance.now() - startedAt) / 60_000).toFixed(1)
  const quick = options.isQuick ? ' (--quick: small counts)' : ''
  console.log(
    `\n${formatTable(outcomes)}\n\n${noise.describe()} Rounds: ${options.rounds}${quick}. ${minutes} minutes.`,
  )
  process.exit(exitCode(outcomes, options.isStrict))
})

/** Returns 1 for a failed figure, which is a bug of the bench or the app, and with `--strict` for a missed goal. */
function exitCode(outcomes: readonly Outcome[], isStrict: boolean): number {
  const hasFailed = outcomes.some(({ state }) => state === 'failed')
  const hasMissed = outcomes.some((outcome) => reported(outcome).met === false)
  return hasFailed || (isStrict && hasMissed) ? 1 : 0
}

function listFigures(): string {
  const width = Math.max(...families.flatMap(({ figures }) => figures.map(({ name }) => name.length)))
  return families
    .flatMap(({ figures }) => figures.map(({ name, about }) => `${name.padEnd(width)}  ${about}`))
    .join('\n')
}

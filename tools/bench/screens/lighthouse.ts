import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { installFor } from '../install'
import { median } from '../rounds'
import type { Visit } from './visit'

const categories = ['performance', 'accessibility', 'best-practices', 'seo'] as const

/** Lighthouse's scores of a screen, 0 to 100, as medians. */
export type Scores = Record<(typeof categories)[number], number>

/** Judges a screen as a phone on a slow network loads it. Front: as a new visitor; other screens: signed in. */
export async function judge(
  visit: Visit,
  screen: Visit['screens'][number],
  { rounds, log }: { rounds: number; log: (line: string) => void },
): Promise<Scores> {
  const results: Scores[] = []
  for (let round = 0; round < rounds; round += 1) results.push(await runLighthouse(visit, screen, log))
  const entries = categories.map((category) => [category, median(results.map((scores) => scores[category]))])
  return Object.fromEntries(entries)
}

async function runLighthouse(
  visit: Visit,
  { name, path }: Visit['screens'][number],
  log: (line: string) => void,
): Promise<Scores> {
  const directory = await installFor('lighthouse', visit.children, log)
  const folder = await mkdtemp(join(tmpdir(), 'lighthouse-'))
  const report = join(folder, 'report.json')
  const isFront = name === 'front'
  try {
    const child = visit.children.start({
      name: 'lighthouse',
      // As any other program: the channel that Node children have to their parent would keep it from ending.
      command: process.execPath,
      args: [
        join(directory, 'node_modules/lighthouse/cli/index.js'),
        `${visit.origin}${path}`,
        '--quiet',
        '--output=json',
        `--output-path=${report}`,
        `--only-categories=${categories.join()}`,
        // robots.txt keeps search engines from a person's own pages.
        ...(isFront
          ? []
          : ['--skip-audits=is-crawlable', `--extra-headers=${JSON.stringify({ Cookie: visit.cookie })}`]),
        '--chrome-flags=--headless --no-sandbox --disable-gpu',
      ],
      env: { ...process.env, CHROME_PATH: visit.browserPath },
      onLine: () => {},
    })
    const { code } = await child.ended
    if (code !== 0) throw new Error(`Lighthouse failed on ${path}: ${await child.lastOutput()}`)
    const { categories: scored }: { categories: Record<string, { score: number | null }> } = JSON.parse(
      await readFile(report, 'utf8'),
    )
    const entries = categories.map((category) => [category, Math.round((scored[category]?.score ?? 0) * 100)])
    return Object.fromEntries(entries)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

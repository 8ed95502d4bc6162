import { performance } from 'node:perf_hooks'
import type { Log } from '@/tools/process/progress'

/** One set of tests, with the command that runs it. */
export interface Suite {
  name: string
  /** What `npm run` gets: the script, then its arguments. */
  script: string[]
  /** Added to the environment of the script. */
  env?: Record<string, string>
}

/** Runs the command of a suite, passes each line of its output to `log` and returns its exit code. */
export type RunSuite = (suite: Suite, log: Log) => Promise<number>

/**
 * Runs lanes in parallel, and the suites of each lane in sequence. A failed suite ends only its own lane, so that one run
 * shows the failures of every lane.
 *
 * The output of two lanes never mixes: the first lane prints immediately, and each other lane is buffered until the lanes
 * before it have ended.
 * @returns the names of the suites that passed
 */
export async function runLanes(lanes: Suite[][], run: RunSuite, log: Log): Promise<Set<string>> {
  const passed = new Set<string>()
  const [first = [], ...others] = lanes
  for (const lane of others) log(`=== ${namesOf(lane)}: runs in parallel with ${namesOf(first)}, output follows below`)
  const outputs = inOrder(lanes.length, log)
  await Promise.all(
    outputs.map(async ({ write, end }, at) => {
      for (const suite of lanes[at] ?? []) {
        if (!(await runSuite(suite, run, write))) break
        passed.add(suite.name)
      }
      end()
    }),
  )
  return passed
}

async function runSuite(suite: Suite, run: RunSuite, log: Log): Promise<boolean> {
  const startedAt = performance.now()
  log(`\n=== ${suite.name}`)
  const code = await run(suite, log)
  const seconds = Math.round((performance.now() - startedAt) / 1000)
  log(
    code === 0
      ? `=== ${suite.name}: ${seconds} s`
      : `=== FAILED: ${suite.name} (after ${seconds} s, exit code ${code})`,
  )
  return code === 0
}

/** Creates outputs that reach `log` one after the other, in any order of arrival. */
function inOrder(count: number, log: Log): { write: Log; end: () => void }[] {
  const buffers = Array.from({ length: count }, (): string[] => [])
  const ended = new Set<number>()
  let live = 0
  return buffers.map((lines, at) => ({
    write: (line) => (at === live ? log(line) : void lines.push(line)),
    end() {
      ended.add(at)
      while (ended.has(live)) {
        live += 1
        for (const line of buffers[live] ?? []) log(line)
      }
    },
  }))
}

function namesOf(lane: Suite[]): string {
  return lane.map(({ name }) => name).join(', ')
}

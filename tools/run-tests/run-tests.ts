import { performance } from 'node:perf_hooks'
import { createChildren } from '@/tools/process/child-process'
import { runUntilInterrupted } from '@/tools/process/run'
import { runLanes } from './lanes'
import { parseTestOptions, suitesOf } from './test-plans'

const usage = `Usage: npm test [-- options]             all suites on the bundled S3 store
       npm run test:ceph [-- options]    the tests that CI runs on Ceph radosgw
       npm run test:all [-- options]     all suites on both stores, Firefox, containers, and a short chaos run

  --from NAME        skip the suites before this one
  --only NAME,NAME   run only these suites
  -h, --help         show this help`

/** npm's own script; npm sets this variable for the scripts it runs. */
const { npm_execpath: npm = 'npm' } = process.env

/** How long a suite may take to stop its own processes after Ctrl-C. */
const graceMilliseconds = 20_000

await runUntilInterrupted(async (signal) => {
  const { plan, stages, isHelp } = parseTestOptions(process.argv.slice(2), usage)
  if (isHelp) {
    console.log(usage)
    process.exit(0)
  }
  const startedAt = performance.now()
  console.log(`Node ${process.version} at ${process.execPath}`)
  const children = createChildren(graceMilliseconds)

  const suites = suitesOf(stages)
  const passed = new Set<string>()
  let isGreen = true
  for (const lanes of stages) {
    const passedNow = await runLanes(
      lanes,
      async ({ name, script, env }, log) => {
        const { ended, lastOutput, kill } = children.start({
          name,
          args: [npm, 'run', ...script],
          env: { ...process.env, ...env },
          onLine: log,
        })
        signal.addEventListener('abort', () => {
          // Signal the whole process group: workers would outlive npm and its script.
          kill('SIGTERM')
          void children.end()
        })
        const { code } = await ended
        // The last lines arrive shortly after the exit.
        await lastOutput()
        return code ?? 1
      },
      console.log,
    )
    if (signal.aborted) process.exit(130)
    for (const name of passedNow) passed.add(name)
    isGreen = suitesOf([lanes]).every(({ name }) => passed.has(name))
    if (!isGreen) break
  }

  const notPassed = suites.map(({ name }) => name).filter((name) => !passed.has(name))
  const seconds = Math.round((performance.now() - startedAt) / 1000)
  console.log(`\n=== Passed: ${[...passed].join(', ') || 'none'} (${seconds} s)`)
  if (isGreen) process.exit(0)
  const script = plan === 'test' ? 'test' : `run test:${plan}`
  console.log(
    `=== Failed or not run: ${notPassed.join(', ')}. Run them with: npm ${script} -- --only ${notPassed.join(',')}`,
  )
  process.exit(1)
})

import { performance } from 'node:perf_hooks'
import { createChildren } from '@/tools/process/child-process'
import { runUntilInterrupted } from '@/tools/process/run'
import { runLanes } from './lanes'
import { parseTestOptions, suitesOf } from './test-plans'

const usage = `Usage: npm test                       everything on the bundled store
       npm run test:ceph             what CI runs on Ceph radosgw, a real S3 server
       npm run test:all -- [options] everything, on both stores, and chaos

  --from NAME        start with this suite and leave out those before it
  --only NAME,NAME   run these suites only
  -h, --help         this text`

/** npm's own command line, which sets this for its scripts. */
const { npm_execpath: npm = 'npm' } = process.env

/** How long a suite may take to end its own processes after Ctrl-C. */
const graceMilliseconds = 20_000

await runUntilInterrupted(async (signal) => {
  const { plan, stages, isHelp } = parseTestOptions(process.argv.slice(2), usage)
  if (isHelp) {
    console.log(usage)
    process.exit(0)
  }
  const startedAt = performance.now()
  console.log(`Node ${process.version}, ${process.execPath}`)
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
          // To the whole group: workers would outlive npm and its script.
          kill('SIGTERM')
          void children.end()
        })
        const { code } = await ended
        // The last lines arrive a moment after the exit.
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

  const left = suites.map(({ name }) => name).filter((name) => !passed.has(name))
  const seconds = Math.round((performance.now() - startedAt) / 1000)
  console.log(`\n=== Suites passed: ${[...passed].join(', ') || 'none'} (${seconds} s)`)
  if (isGreen) process.exit(0)
  const script = plan === 'test' ? 'test' : `run test:${plan}`
  console.log(`=== Not passed: ${left.join(', ')}. To run them: npm ${script} -- --only ${left.join(',')}`)
  process.exit(1)
})

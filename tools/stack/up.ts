import pc from 'picocolors'
import { runUntilInterrupted } from '@/tools/process/run'
import { startStack } from './stack'
import { parseOptions } from './stack-options'

const usage = `Usage: npm run up -- [options]

The real thing on one machine: an S3 store, several hosts of one build, and a balancer in front of them.

  --store STORE      bundled, or ceph: a real S3 server, from Debian's packages (bundled)
  --balancer NAME    bundled, or haproxy: from Debian's package, with deploy/haproxy.cfg (bundled)
  --port PORT        where the site is (3000)
  --store-port PORT  where the store is (9000)
  --hosts N          how many hosts (3)
  --state DIR        where secrets, pictures and logs are kept (.anyhost)
  --build            build even if the build is up to date
  --verbose          show what the build writes
  -h, --help         this text

Ctrl-C ends all of it.`

await runUntilInterrupted(async (signal) => {
  const { isHelp, ...options } = parseOptions(process.argv.slice(2), usage)
  if (isHelp) {
    console.log(usage)
    process.exit(0)
  }

  const stack = await startStack({ ...options, log: console.log, signal })
  console.log(`
  ${pc.bold(pc.green(stack.origin))}

  Logs, pictures and secrets are in ${options.stateDirectory}; delete that folder to begin anew.
  Ctrl-C ends all of it.
`)
  return stack
})

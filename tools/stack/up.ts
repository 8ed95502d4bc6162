import pc from 'picocolors'
import { runUntilInterrupted } from '@/tools/process/run'
import { describePeople } from './describe-people'
import { startStack } from './stack'
import { parseOptions } from './stack-options'

const usage = `Usage: npm run up -- [options]

Starts anyhost on this machine as in production: an S3 store, several hosts, and a load balancer in front of them.
Builds the project first if its sources have changed.

  --store STORE      the S3 store to start: bundled, or ceph from Debian's packages (default: bundled)
  --balancer NAME    the balancer to start: bundled, or haproxy from Debian's package with deploy/haproxy.cfg
                     (default: bundled)
  --port PORT        port of the site (default: 3000)
  --store-port PORT  port of the store (default: 9000)
  --hosts N          number of hosts (default: 3)
  --oidc             people sign in at an OpenID Connect provider, which is started too (default: they are guests)
  --oidc-port PORT   port of the provider (default: 4000)
  --state DIR        folder for secrets, photos and logs (default: .anyhost)
  --build            build even if the build is up to date
  --verbose          show the output of the build
  -h, --help         show this help

Press Ctrl-C to stop.`

await runUntilInterrupted(async (signal) => {
  const { isHelp, ...options } = parseOptions(process.argv.slice(2), usage)
  if (isHelp) {
    console.log(usage)
    process.exit(0)
  }

  const stack = await startStack({ ...options, log: console.log, signal })
  console.log(`
  ${pc.bold(pc.green(stack.origin))}

${stack.identityProvider ? describePeople() : ''}  Photos, secrets and logs are in ${options.stateDirectory}. Delete that folder to start from scratch.
  Press Ctrl-C to stop.
`)
  return stack
})

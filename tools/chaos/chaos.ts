import { writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { runUntilInterrupted } from '@/tools/process/run'
import { audit } from './audit'
import { browseUntil } from './browser-people'
import { Ledger } from './ledger'
import { liveUntil } from './life'
import { type ChaosOptions, parseChaosOptions } from './options'
import { formatHistories, formatReport, type Report, reportOn } from './report'
import { openSite, type Site } from './site'
import { troubleStore } from './store-trouble'
import { Tally } from './tally'
import { troubleHosts } from './trouble'

const usage = `Usage: npm run chaos -- [options]

People save, choose, describe and delete pictures while hosts are killed, frozen, drained and rolled, and the store is
slow or fails. Then an audit compares every response with the store. Exits with code 1 if anything is lost, wrong, stuck
or left behind.

  --seed N           repeats the faults of hosts and store, and what people choose (1)
  --minutes M        duration (3); the long form is 30
  --json FILE        write the figures to a file, too
  --store STORE      ceph, a real S3 server, or bundled (ceph)
  --hosts N          number of hosts (3)
  --people N         number of people at a time (56)
  --sign-in MODE     how people get a session: guest, or oidc at a provider, which is started too (guest)
  --browsers N       number of further people, with a real browser (1; in runs below 5 minutes 0)
  --min-flows N      fail if fewer pictures are saved (333 a minute)
  --min-kills N      fail if fewer hosts are killed (6 or 7 a minute)
  --state DIR        directory of the logs (.anyhost/chaos)
  -h, --help         show this text`

await runUntilInterrupted(async (signal) => {
  const options = parseChaosOptions(process.argv.slice(2), usage)
  if (options.isHelp) {
    console.log(usage)
    process.exit(0)
  }
  let site: Site | undefined
  let isOk = false
  try {
    const tally = new Tally()
    const onExit = (name: string, how: string) => {
      tally.exits += 1
      console.log(`  ${name} exited (${how}): see its log`)
    }
    site = await openSite({ ...options, onExit, log: console.log, signal })
    isOk = await Promise.race([
      runChaos(site, tally, options, signal),
      site.failure.then((failure) => {
        throw failure
      }),
    ])
  } finally {
    await site?.close()
    // An interrupted run proves nothing.
    if (signal.aborted) process.exit(130)
  }
  process.exit(isOk ? 0 : 1)
})

async function runChaos(site: Site, tally: Tally, options: ChaosOptions, signal: AbortSignal): Promise<boolean> {
  const { seed, minutes, people, browsers, signIn, jsonFile } = options
  const { origin, hosts, hostsProxy, browserProxy } = site
  const ledger = new Ledger()
  let subjects = 0
  const nextSubject = () => {
    subjects += 1
    return `person-${subjects}`
  }
  const world = { origin, ledger, tally, nextSubject: signIn === 'oidc' ? nextSubject : null }
  const over = new AbortController()
  const isOver = () => over.signal.aborted

  console.log(`Chaos: ${minutes} minutes, seed ${seed}, ${people} people at a time on ${hosts.length} hosts …`)
  const trouble = Promise.all([
    troubleHosts({ ...site, seed, tally, signal: over.signal, log: (line) => console.log(`  ${line}`) }),
    troubleStore({ hostsProxy, browserProxy, seed, signal: over.signal }),
  ])
  const lives = Promise.all([liveUntil(isOver, world, seed, people), browseUntil(isOver, world, seed, browsers)])
  const status = setInterval(() => {
    const { flows, kills, retries } = tally
    const findings = ledger.accounts.flatMap((account) => account.findings).length
    console.log(
      `  ${((Date.now() - ledger.beganAt) / 60_000).toFixed(1)} min: ${flows} flows, ${kills} kills, ${retries} retries, ${findings} findings`,
    )
  }, 15_000)
  try {
    await Promise.race([sleep(minutes * 60_000, undefined, { signal }), trouble, lives])
  } finally {
    over.abort()
    await Promise.all([trouble, lives]).finally(() => clearInterval(status))
  }

  console.log('Audit: all faults have ended, and every host restarts …')
  await Promise.all(hosts.map((host) => host.drain().then(() => host.start())))
  await Promise.all(hosts.map(({ name }) => site.whenInRotation(name)))
  Object.assign(process.env, site.calmEnv)
  await audit(world, () => Promise.all(hosts.map((host) => host.drain())), console.log)

  const report = reportOn(options, tally, ledger, sum(hostsProxy.faults.counts, browserProxy.faults.counts))
  if (jsonFile) await writeFile(jsonFile, `${JSON.stringify(report, null, 2)}\n`)
  print(report, ledger)
  return report.ok
}

function print(report: Report, ledger: Ledger): void {
  const histories = formatHistories(ledger)
  if (histories) console.log(`\nFindings of seed ${report.seed}:\n\n${histories}`)
  console.log(`\n${formatReport(report)}`)
}

function sum(one: Record<string, number>, other: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(one).map(([kind, count]) => [kind, count + (other[kind] ?? 0)]))
}

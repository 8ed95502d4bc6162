import { expect, test } from 'vitest'
import { Ledger } from './ledger'
import { formatHistories, formatReport, reportOn } from './report'
import { Tally } from './tally'

const terms = { seed: 7, minutes: 1, store: 'ceph', hosts: 3, signIn: 'guest', minFlows: 2, minKills: 1 }

function run(flows: number, kills: number) {
  const tally = new Tally()
  tally.flows = flows
  tally.kills = kills
  for (let ms = 1; ms <= 200; ms += 1) tally.step('save', ms)
  return { tally, ledger: new Ledger() }
}

test('passes a run without findings and with enough flows and kills', () => {
  const { tally, ledger } = run(2, 1)
  const report = reportOn(terms, tally, ledger, { latency: 3, stall: 1, reset: 0 })
  expect(report).toMatchObject({ ok: true, lost: 0, wrong: 0, stuck: 0, orphans: 0, faults: 4, seed: 7 })
  expect(report.steps.save).toEqual({ count: 200, p50Ms: 101, p99Ms: 199 })
  expect(formatReport(report)).toContain('lost: 0 · wrong: 0 · stuck: 0 · orphans: 0')
})

test.each(['lost', 'wrong', 'stuck', 'orphan'] as const)(
  'fails a run with one finding of kind %s, and prints its history',
  (kind) => {
    const { tally, ledger } = run(2, 1)
    const account = ledger.open('uid')
    account.log('saves it')
    account.addFinding(kind, 'it')
    account.addFinding(kind, 'it')
    const report = reportOn(terms, tally, ledger, {})
    expect(report).toMatchObject({ ok: false, [kind === 'orphan' ? 'orphans' : kind]: 1 })
    expect(formatHistories(ledger)).toMatch(new RegExp(`person 1, uid\\n.*saves it\\n.*!! ${kind}: it`))
  },
)

test.each([
  [1, 1, '1 flows of 2'],
  [2, 0, '0 kills of 1'],
])('fails a run with only %i flows and %i kills', (flows, kills, shortfall) => {
  const { tally, ledger } = run(flows, kills)
  const report = reportOn(terms, tally, ledger, {})
  expect(report).toMatchObject({ ok: false, shortfalls: [shortfall] })
  expect(formatReport(report)).toContain(shortfall)
})

test('fails a run of three minutes without a freeze, a roll or a fault', () => {
  const { tally, ledger } = run(2, 1)
  const long = { ...terms, minutes: 3 }
  expect(reportOn(long, tally, ledger, {})).toMatchObject({
    ok: false,
    shortfalls: ['no stops', 'no rolls', 'no faults'],
  })
  Object.assign(tally, { stops: 1, rolls: 1 })
  expect(reportOn(long, tally, ledger, { reset: 1 })).toMatchObject({ ok: true, shortfalls: [] })
})

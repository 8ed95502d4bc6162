import 'server-only'
import type { StoreClock } from '@/lib/s3/clock'
import type { CheckResult } from './check-result'

const minuteMs = 60_000

/**
 * Whether the host's clock agrees with the store's, as the store's last answer told it. Time is corrected by that answer
 * wherever it counts, so a minute is only worth a word; ten are close to where stores refuse signatures (15 on AWS).
 */
export function checkClock({ offsetMs }: StoreClock): CheckResult {
  const off = Math.abs(offsetMs)
  const found = `This host's clock is ${describe(off)} ${offsetMs > 0 ? 'behind' : 'ahead of'} the store's.`
  if (off <= minuteMs) return { verdict: 'ok', found }
  const mend = 'Set the clock, and let NTP keep it (chrony, systemd-timesyncd).'
  return { verdict: off > 10 * minuteMs ? 'failed' : 'warning', found, mend }
}

function describe(ms: number): string {
  return ms < minuteMs ? `${Math.round(ms / 1000)} s` : `${Math.round(ms / minuteMs)} min`
}

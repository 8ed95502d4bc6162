import 'server-only'
import type { StoreClock } from '@/lib/s3/clock'
import type { CheckResult } from './check-result'

const minuteMs = 60_000

/**
 * Checks the host's clock against the store's last answer. The app corrects its time by that answer, so more than a
 * minute is only a warning. More than ten minutes fail, close to where stores reject signatures (15 on AWS).
 */
export function checkClock({ offsetMs }: StoreClock): CheckResult {
  const differenceMs = Math.abs(offsetMs)
  const message = `This host's clock is ${format(differenceMs)} ${offsetMs > 0 ? 'behind' : 'ahead of'} the store's.`
  if (differenceMs <= minuteMs) return { verdict: 'ok', message }
  const fix = 'Set the clock of this host, and synchronize it with NTP (chrony, systemd-timesyncd).'
  return { verdict: differenceMs > 10 * minuteMs ? 'failed' : 'warning', message, fix }
}

function format(ms: number): string {
  return ms < minuteMs ? `${Math.round(ms / 1000)} s` : `${Math.round(ms / minuteMs)} min`
}

import 'server-only'
import type { Bucket } from '@/lib/s3/client'
import type { CheckResult } from './check-result'

const minuteMs = 60_000

/**
 * Checks that the credentials live longer than what they sign: a URL ends with the credentials that signed it.
 * @param neededMs the longest life of a signature, in milliseconds
 */
export async function checkCredentials({ presigner, clock }: Bucket, neededMs: number): Promise<CheckResult> {
  const { credentials } = presigner.config
  const leftMs = (expiration: Date) => expiration.getTime() - clock.now()
  let { sessionToken, expiration } = await credentials()
  if (expiration && leftMs(expiration) < neededMs) {
    // The provider of a role gives new ones; fixed credentials stay the same.
    const renewed = await credentials({ forceRefresh: true }).catch(() => null)
    if (renewed) ({ sessionToken, expiration } = renewed)
  }
  const fix = 'Give the host a role, whose credentials are renewed by themselves, or use keys without an expiry.'
  if (expiration && leftMs(expiration) < neededMs) {
    const minutes = Math.max(0, Math.floor(leftMs(expiration) / minuteMs))
    const message = `The credentials expire in ${minutes} min, before the URLs that they sign (${neededMs / minuteMs} min).`
    return { verdict: 'warning', message, fix }
  }
  if (expiration) return { verdict: 'ok', message: `The credentials are valid until ${expiration.toISOString()}.` }
  if (sessionToken) {
    const message = 'The credentials are temporary (AWS_SESSION_TOKEN) and not renewed when they expire.'
    return { verdict: 'warning', message, fix }
  }
  return { verdict: 'ok', message: 'The credentials have no expiry.' }
}

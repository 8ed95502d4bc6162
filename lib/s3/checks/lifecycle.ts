import 'server-only'
import { type LifecycleRule, readLifecycle } from '@/lib/s3/bucket-settings'
import type { Bucket } from '@/lib/s3/client'
import { formatRefusal, type Refusal } from '@/lib/s3/refusal'
import { type CheckResult, toRefusal } from './check-result'

/** The rules of a bucket, or why the store does not show them. */
export type LifecycleRules = LifecycleRule[] | Refusal

/** @throws StoreUnreachable */
export async function readRules(bucket: Bucket): Promise<LifecycleRules> {
  try {
    return (await readLifecycle(bucket)).rules
  } catch (error) {
    return toRefusal(error)
  }
}

/** How long the objects of a prefix may live, in days. */
export interface Expiry {
  prefix: string
  days: number
}

/** Judges whether temporary objects expire and saved ones do not. */
export function judgeLifecycle(
  { name }: Bucket,
  rules: LifecycleRules,
  { expiring, kept }: { expiring: Expiry[]; kept: string[] },
): CheckResult {
  if (!Array.isArray(rules)) return unreadable('lifecycle rules', rules)
  const active = rules.filter(
    ({ Status, Expiration }) => Status === 'Enabled' && (Expiration?.Days || Expiration?.Date),
  )
  const dangerous = active.find((rule) => kept.some((prefix) => touches(rule, prefix)))
  if (dangerous) {
    return {
      verdict: 'failed',
      message: `The lifecycle rule ${dangerous.ID ?? 'without an id'} deletes saved photos: it covers "${prefixOf(dangerous)}".`,
      fix: `Limit the rule to ${expiring.map(({ prefix }) => prefix).join(' or ')}.`,
    }
  }
  const late = expiring.filter(({ prefix, days }) => !active.some((rule) => expires(rule, prefix, days)))
  if (late.length === 0) {
    const texts = expiring.map(({ prefix, days }) => `${prefix} within ${days} d`)
    return { verdict: 'ok', message: `Objects expire under ${texts.join(' and ')}.` }
  }
  const wanted = late.map(({ prefix, days }) => ({
    ID: prefix.replace('/', ''),
    Status: 'Enabled',
    Filter: { Prefix: prefix },
    Expiration: { Days: days },
  }))
  return {
    verdict: 'warning',
    message: `No lifecycle rule deletes objects under ${late.map(({ prefix, days }) => `${prefix} after ${days} d`).join(' and ')}: they stay.`,
    fix: `Run npm run bucket -- create, or add to the rules of ${name}: ${JSON.stringify(wanted)}`,
  }
}

/**
 * Judges whether deleted photos are erased.
 * @param isVersioned undefined if no test object could be written
 * @param refusal why this host may not list the versions of the bucket `name`; null if it may
 */
export function judgeVersions(
  isVersioned: boolean | undefined,
  rules: LifecycleRules,
  prefixes: readonly string[],
  { name, refusal }: { name: string; refusal: Refusal | null },
): CheckResult {
  if (isVersioned === undefined)
    return { verdict: 'unchecked', message: 'Cannot check versions without a test object.' }
  if (!isVersioned) return { verdict: 'ok', message: 'The bucket keeps no old versions.' }
  if (refusal) {
    return {
      verdict: 'warning',
      message: `The bucket is versioned, and the store does not list the versions (${formatRefusal(refusal)}): people cannot erase everything.`,
      fix: `Allow the credentials s3:ListBucketVersions on arn:aws:s3:::${name}, and s3:DeleteObjectVersion on its objects.`,
    }
  }
  const message = 'The bucket is versioned: deleted photos and the test objects of this check stay as old versions'
  if (!Array.isArray(rules))
    return {
      ...unreadable('rules for old versions', rules),
      message: `${message}, unless a lifecycle rule erases them.`,
    }
  const kept = prefixes.filter((prefix) => !rules.some((rule) => expiresVersions(rule, prefix)))
  if (kept.length === 0)
    return { verdict: 'ok', message: 'The bucket is versioned. A lifecycle rule erases old versions.' }
  return {
    verdict: 'warning',
    message: `${message} under ${kept.join(', ')}.`,
    fix: 'Run npm run bucket -- create, which adds lifecycle rules for old versions, or turn versioning off.',
  }
}

function expiresVersions({ Status, NoncurrentVersionExpiration, ...rule }: LifecycleRule, prefix: string): boolean {
  return Status === 'Enabled' && !!NoncurrentVersionExpiration?.NoncurrentDays && covers(rule, prefix)
}

function unreadable(what: string, refusal: Refusal): CheckResult {
  if (refusal.status === 501 || refusal.status === 405) {
    return {
      verdict: 'warning',
      message: `The store has no ${what} (${formatRefusal(refusal)}), so uploads and drafts stay.`,
      fix: 'Delete objects under incoming/ and drafts/ after 2 days by another means.',
    }
  }
  return {
    verdict: 'unchecked',
    message: `These credentials may not read the ${what} (${formatRefusal(refusal)}).`,
    fix: 'Run npm run bucket -- doctor with credentials that administer the bucket.',
  }
}

/** The prefix of a rule. Old rules have it outside of the filter. */
function prefixOf({ Filter, Prefix }: Pick<LifecycleRule, 'Filter' | 'Prefix'>): string {
  return Filter?.Prefix ?? Filter?.And?.Prefix ?? Prefix ?? ''
}

/** Whether a rule deletes some objects under the prefix. */
function touches(rule: LifecycleRule, prefix: string): boolean {
  // The app sets no tags, so a rule that requires tags covers none of its objects.
  if (rule.Filter?.Tag ?? rule.Filter?.And?.Tags?.length) return false
  return prefixOf(rule).startsWith(prefix) || prefix.startsWith(prefixOf(rule))
}

/** Whether a rule deletes all objects under the prefix within so many days. */
function expires(rule: LifecycleRule, prefix: string, days: number): boolean {
  return covers(rule, prefix) && (rule.Expiration?.Days ?? Number.POSITIVE_INFINITY) <= days
}

/** Whether a rule applies to all objects under the prefix. */
function covers({ Filter, Prefix }: Pick<LifecycleRule, 'Filter' | 'Prefix'>, prefix: string): boolean {
  const isPartial = Filter?.Tag ?? Filter?.And ?? Filter?.ObjectSizeGreaterThan ?? Filter?.ObjectSizeLessThan
  return isPartial === undefined && prefix.startsWith(prefixOf({ Filter, Prefix }))
}

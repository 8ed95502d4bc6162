import { expiryDays, prefixes } from '@/lib/images/storage/prefixes'
import type { LifecycleRule, PublicAccessBlock } from '@/lib/s3/bucket-settings'
import { ownRuleMark } from '@/lib/s3/own-rule-mark'

/** Days until older versions expire. People delete photos for good. */
const olderVersionsDays = 3

/**
 * Returns the lifecycle rules, one per prefix, so that they affect only objects of the app. `'expiry only'` is for stores
 * that cannot abort multipart uploads: the app sends none.
 */
export function lifecycleRules(isVersioned: boolean, actions: 'all' | 'expiry only' = 'all'): LifecycleRule[] {
  return prefixes.flatMap((prefix) => {
    const days = expiryDays[prefix]
    if (actions === 'expiry only' && !days && !isVersioned) return []
    return {
      ID: `${ownRuleMark} ${prefix}`,
      Status: 'Enabled' as const,
      Filter: { Prefix: prefix },
      ...(days && { Expiration: { Days: days } }),
      // With `Days`, markers of deleted objects expire anyway. A key contains the photo's description.
      ...(isVersioned && !days && { Expiration: { ExpiredObjectDeleteMarker: true } }),
      ...(isVersioned && { NoncurrentVersionExpiration: { NoncurrentDays: olderVersionsDays } }),
      ...(actions === 'all' && { AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 } }),
    }
  })
}

/**
 * Returns the public access block. Leaves BlockPublicAcls as it is: radosgw rejects every PUT with it, and ignored ACLs
 * need no rejection. If `media/` is public, also leaves the parts that a public bucket policy needs off.
 */
export function publicAccessBlock(current: PublicAccessBlock, isMediaPublic: boolean): PublicAccessBlock {
  return {
    BlockPublicAcls: current.BlockPublicAcls ?? false,
    IgnorePublicAcls: true,
    BlockPublicPolicy: isMediaPublic ? (current.BlockPublicPolicy ?? false) : true,
    RestrictPublicBuckets: isMediaPublic ? (current.RestrictPublicBuckets ?? false) : true,
  }
}

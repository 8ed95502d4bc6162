import 'server-only'
import { isDeepStrictEqual } from 'node:util'
import type { StoreEnv } from '@/lib/env'
import {
  type CorsRule,
  disableAcls,
  type LifecycleRule,
  readCors,
  readLifecycle,
  readObjectOwnership,
  readPublicAccessBlock,
  readVersioning,
  writeCors,
  writeLifecycle,
  writePublicAccessBlock,
} from '@/lib/s3/bucket-settings'
import type { Bucket } from '@/lib/s3/client'
import { corsRule } from '@/lib/s3/cors-rule'
import { type Refusal, refusalOf } from '@/lib/s3/refusal'
import { awsCommand } from './aws-command'
import { lifecycleRules, publicAccessBlock } from './wanted-settings'

/** What a bucket has of one setting. */
export type Inspection =
  | { state: 'as wanted' }
  | OtherSetting
  /** The store answers, but does not know the setting. */
  | { state: 'unknown' }

export interface OtherSetting {
  state: 'other'
  apply(): Promise<void>
  /** A command that does the same. */
  byHand: string
}

/** One setting of a bucket that the app needs. */
export interface Setting {
  check: 'block' | 'acls' | 'cors' | 'lifecycle'
  /** Completes "Set …" and "… is set". */
  what: string
  /** IAM actions that read and write it. */
  rights: string[]
  inspect(bucket: Bucket): Promise<Inspection>
  ifUnknown: { verdict: 'warning' | 'failed'; consequence: string; fix: string }
}

/** Returns the settings of a bucket. @param isMediaPublic whether a public base URL serves its variants */
export function settingsOf(env: StoreEnv, isMediaPublic: boolean): Setting[] {
  const { appOrigin, uploadMethod } = env
  const wantedCors = corsRule(appOrigin, uploadMethod)
  return [
    {
      check: 'block',
      what: isMediaPublic ? 'the public access block for ACLs' : 'the public access block for ACLs and policies',
      rights: ['s3:GetBucketPublicAccessBlock', 's3:PutBucketPublicAccessBlock'],
      async inspect(bucket) {
        const current = await readPublicAccessBlock(bucket)
        const wanted = publicAccessBlock(current, isMediaPublic)
        if (isDeepStrictEqual({ ...current }, wanted)) return { state: 'as wanted' }
        return {
          state: 'other',
          apply: () => writePublicAccessBlock(bucket, wanted),
          byHand: awsCommand(env, bucket.name, 'put-public-access-block --public-access-block-configuration', wanted),
        }
      },
      ifUnknown: {
        verdict: 'warning',
        consequence: 'Nothing stops a later ACL or policy from making the bucket public',
        fix: 'Run doctor after each change of the bucket: it tries to read and list without credentials.',
      },
    },
    {
      check: 'acls',
      what: 'the ownership of all objects by the bucket owner, without ACLs',
      rights: ['s3:GetBucketOwnershipControls', 's3:PutBucketOwnershipControls'],
      async inspect(bucket) {
        const ownership = await readObjectOwnership(bucket)
        if (ownership === 'BucketOwnerEnforced') return { state: 'as wanted' }
        if (ownership === 'unknown') return { state: 'unknown' }
        return {
          state: 'other',
          apply: () => disableAcls(bucket),
          byHand: awsCommand(env, bucket.name, 'put-bucket-ownership-controls --ownership-controls', {
            Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }],
          }),
        }
      },
      ifUnknown: {
        verdict: 'warning',
        consequence: 'ACLs of single objects stay possible. The app sends none',
        fix: 'Keep public access blocked, and give no one else the right s3:PutObjectAcl.',
      },
    },
    {
      check: 'cors',
      what: `the CORS rule for ${wantedCors.AllowedMethods?.join(' and ')} from ${appOrigin}`,
      rights: ['s3:GetBucketCORS', 's3:PutBucketCORS'],
      async inspect(bucket) {
        const current = await readCors(bucket)
        if (current.some((rule) => isDeepStrictEqual(comparableCors(rule), comparableCors(wantedCors)))) {
          return { state: 'as wanted' }
        }
        const rules = merge(current, [wantedCors])
        return {
          state: 'other',
          apply: () => writeCors(bucket, rules),
          byHand: awsCommand(env, bucket.name, 'put-bucket-cors --cors-configuration', { CORSRules: rules }),
        }
      },
      ifUnknown: {
        verdict: 'failed',
        consequence: 'Browsers cannot upload or show photos without it',
        fix: `Set this rule in the console of the store: ${JSON.stringify({ CORSRules: [wantedCors] })}`,
      },
    },
    {
      check: 'lifecycle',
      what: 'the expiry of uploads after 1 day and of drafts after 2',
      rights: ['s3:GetLifecycleConfiguration', 's3:PutLifecycleConfiguration', 's3:GetBucketVersioning'],
      inspect: (bucket) => inspectLifecycle(env, bucket),
      ifUnknown: {
        verdict: 'warning',
        consequence: 'Abandoned uploads and drafts stay forever: the app does not erase them',
        fix: 'Erase objects older than 1 day below incoming/ and older than 2 days below drafts/ by a daily job.',
      },
    },
  ]
}

async function inspectLifecycle(env: StoreEnv, bucket: Bucket): Promise<Inspection> {
  const { rules: current, transitionSize } = await readLifecycle(bucket)
  const isVersioned = (await versioningOf(bucket)) !== 'Off'
  const has = (wanted: LifecycleRule[]) =>
    wanted.every((rule) =>
      current.some((other) => isDeepStrictEqual(comparableLifecycle(other), comparableLifecycle(rule))),
    )
  const all = lifecycleRules(isVersioned)
  // Some stores know no other action than expiry. The app sends no multipart uploads, so they are complete too.
  const expiryOnly = lifecycleRules(isVersioned, 'expiry only')
  if (has(all) || has(expiryOnly)) return { state: 'as wanted' }
  const withOthers = (wanted: LifecycleRule[]) => merge(current.map(withFilter), wanted)
  return {
    state: 'other',
    async apply() {
      try {
        await writeLifecycle(bucket, { rules: withOthers(all), transitionSize })
      } catch (error) {
        const refusal = refusalOf(error)
        if (!refusal || !isUnknownSetting(refusal)) throw error
        await writeLifecycle(bucket, { rules: withOthers(expiryOnly), transitionSize })
      }
    },
    byHand: awsCommand(env, bucket.name, 'put-bucket-lifecycle-configuration --lifecycle-configuration', {
      Rules: withOthers(all),
    }),
  }
}

/** A store that does not know versioning has none. */
async function versioningOf(bucket: Bucket): Promise<'Off' | 'Enabled' | 'Suspended'> {
  try {
    return await readVersioning(bucket)
  } catch (error) {
    const refusal = refusalOf(error)
    if (!refusal || !isUnknownSetting(refusal)) throw error
    return 'Off'
  }
}

/** Whether the store's answer means that it does not know a setting, or not this value of it. */
export function isUnknownSetting({ status, code }: Refusal): boolean {
  return [400, 404, 405, 501].includes(status) && code !== 'NoSuchBucket'
}

/**
 * Replaces the rules of the app by their ids, and keeps the rules of others in their order. The app's come first: of
 * several CORS rules for one origin, radosgw looks only at the first.
 */
function merge<Rule extends { ID?: string | undefined }>(current: Rule[], wanted: Rule[]): Rule[] {
  const isWanted = ({ ID }: Rule) => wanted.some((rule) => rule.ID === ID)
  return [...wanted, ...current.filter((rule) => !isWanted(rule))]
}

/** AWS rejects a configuration with rules of both kinds: with a filter, and with the older prefix of the rule itself. */
function withFilter({ Prefix, ...rule }: LifecycleRule): LifecycleRule {
  return Prefix === undefined ? rule : { ...rule, Filter: { Prefix } }
}

/** Returns what a rule does, without the id and empty lists. */
function comparableCors(rule: CorsRule) {
  return {
    origins: rule.AllowedOrigins,
    methods: rule.AllowedMethods?.toSorted(),
    headers: (rule.AllowedHeaders ?? []).map((name) => name.toLowerCase()).sort(),
  }
}

function comparableLifecycle(rule: LifecycleRule) {
  const { ID, Status, Filter, Expiration } = withFilter(rule)
  return {
    ID,
    Status,
    Filter: { ...Filter, Prefix: Filter?.Prefix ?? '' },
    days: Expiration?.Days,
    removesMarkers: Expiration?.ExpiredObjectDeleteMarker ?? false,
    olderVersionsDays: rule.NoncurrentVersionExpiration?.NoncurrentDays,
    abortDays: rule.AbortIncompleteMultipartUpload?.DaysAfterInitiation,
  }
}
